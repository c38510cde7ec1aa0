#!/usr/bin/env bash
# lint.sh TOOL WIDTH [FILE]: one tool's opinion of the NIC (or of FILE alone, whose top is `broken`). Silent and 0 when clean.
set -euo pipefail
tool=$1 width=$2 file=${3:-}
rtl=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../rtl" && pwd)
if [[ -n $file ]]; then
  cd -- "$(dirname -- "$file")"
  top=broken files=("$(basename -- "$file")")
else
  cd -- "$rtl"  # names without the clone's path: two of the tools take it apart at a space
  top=nic_top files=(*.v */*.v)
fi

case $tool in
  verilator)
    named=()
    [[ -z $file ]] || named=(-Wno-DECLFILENAME)  # a sample's file is not named as its module
    verilator --lint-only -Wall "${named[@]}" -Iregs --top-module "$top" -GDataWidth="$width" "${files[@]}" ;;
  iverilog)
    # No output file: iverilog makes it executable, /dev/null too when root runs this
    out=$(iverilog -g2005 -t null -Wall -Iregs -s "$top" -P"$top.DataWidth=$width" "${files[@]}" 2>&1) || { echo "$out"; exit 1; }
    # -Wall also tells of every @* that reads a whole array, which is what a memory read is
    out=$(grep -v -e 'is sensitive to all' -e 'timescale' <<<"$out" || true)
    [[ -z $out ]] || { echo "$out"; exit 1; } ;;
  yosys)
    # Latches and multiple drivers are errors; the packet memories must still be memories after mapping to cells (they
    # are the same at every width, and at 512 bits this step alone takes longer than all others).
    memories=""
    [[ -n $file || $width != 64 ]] || memories='memory -nomap; select -assert-min 4 t:$mem*'
    yosys -q -p "read_verilog -Iregs ${files[*]}; hierarchy -check -top $top -chparam DataWidth $width; proc;
      opt_clean; select -assert-none t:\$dlatch t:\$adlatch; check -assert; $memories" ;;
  *) echo "lint.sh: unknown tool '$tool'" >&2; exit 2 ;;
esac
