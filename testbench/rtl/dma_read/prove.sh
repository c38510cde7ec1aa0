#!/bin/bash
# Proves the properties under `ifdef FORMAL of one module by temporal induction (yosys' own SAT solver: the long sums that
# kept z3 busy for minutes take it two seconds); or, with a mutation, shows that they can fail.
# prove.sh <rtl folder> <module> <depth> [<sed expression that breaks the module>]
# A sync_fifo in the module is cut out: its outputs may be anything that the module's assumptions allow.
set -eu
rtl=$1 module=$2 depth=$3 mutation=${4:-}
work=$(mktemp -d)
cd -- "$rtl"  # yosys takes a path apart at a space
trap 'rm -rf "$work"' EXIT
sed -e "${mutation:-;}" "$rtl/dma/$module.v" > "$work/dut.v"
if [ -n "$mutation" ] && cmp -s "$rtl/dma/$module.v" "$work/dut.v"; then
  echo "the mutation changes nothing" && exit 2
fi
yosys -p "read_verilog -lib lib/sync_fifo.v; read_verilog -formal -Iregs $work/dut.v; prep -top $module;
  cutpoint t:*sync_fifo*; flatten; async2sync; dffunmap; opt -fast;
  sat -tempinduct -prove-asserts -set-assumes -seq 1 -maxsteps $depth" > "$work/log" 2>&1 || { tail -40 "$work/log"; exit 1; }
if grep -q 'Induction step proven: SUCCESS' "$work/log"; then
  [ -z "$mutation" ] && echo "proved" && exit 0
  echo "the broken module was not found out" && exit 1
fi
[ -n "$mutation" ] && grep -q 'model found for base case' "$work/log" && echo "found" && exit 0
tail -40 "$work/log"
exit 1
