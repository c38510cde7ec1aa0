#!/usr/bin/env bash
# lint.sh TOOL WIDTH [FILE]: one tool's opinion of the NIC (or of FILE alone, whose top is `broken`). Silent and 0 when clean.
set -euo pipefail
tool=$1 width=$2 file=${3:-}
rtl=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../rtl" && pwd)
if [[ -n $file ]]; then
  top=broken files=("$file")
else
  top=nic_top
  files=("$rtl"/*.v "$rtl"/*/*.v)
fi

case $tool in
  verilator)
    named=()
    [[ -z $file ]] || named=(-Wno-DECLFILENAME)  # a sample's file is not named as its module
    verilator --lint-only -Wall "${named[@]}" -I"$rtl/regs" --top-module "$top" -GDataWidth="$width" "${files[@]}" ;;
  iverilog)
    out=$(iverilog -g2005 -Wall -I"$rtl/regs" -s "$top" -P"$top.DataWidth=$width" -o /dev/null "${files[@]}" 2>&1) || { echo "$out"; exit 1; }
    # -Wall also tells of every @* that reads a whole array, which is what a memory read is
    out=$(grep -v -e 'is sensitive to all' -e 'timescale' <<<"$out" || true)
    [[ -z $out ]] || { echo "$out"; exit 1; } ;;
  yosys)
    # Latches and multiple drivers are errors; the packet memories must still be memories after mapping to cells.
    memories=""
    [[ -n $file ]] || memories='memory -nomap; select -assert-min 4 t:$mem*'
    yosys -q -p "read_verilog -I$rtl/regs ${files[*]}; hierarchy -check -top $top -chparam DataWidth $width; proc;
      opt_clean; select -assert-none t:\$dlatch t:\$adlatch; check -assert; $memories" ;;
  *) echo "lint.sh: unknown tool '$tool'" >&2; exit 2 ;;
esac
