#!/bin/bash
# Proves the properties under `ifdef FORMAL of one module by k-induction; or, with a mutation, shows that they can fail.
# prove.sh <rtl folder> <module> <depth> [<sed expression that breaks the module>]
set -eu
rtl=$1 module=$2 depth=$3 mutation=${4:-}
work=$(mktemp -d)
cd -- "$rtl"  # yosys takes a path apart at a space
trap 'rm -rf "$work"' EXIT
sed -e "${mutation:-;}" "$rtl/dma/$module.v" > "$work/dut.v"
if [ -n "$mutation" ] && cmp -s "$rtl/dma/$module.v" "$work/dut.v"; then
  echo "the mutation changes nothing" && exit 2
fi
yosys -q -p "read_verilog -formal -Iregs $work/dut.v; prep -top $module; async2sync; dffunmap;
  write_smt2 -wires $work/dut.smt2"
prove() { yosys-smtbmc -s z3 --presat -t "$depth" "$@" "$work/dut.smt2" | tee -a "$work/log" | tail -1; }
if prove | grep -q PASSED && prove -i | grep -q PASSED; then
  [ -z "$mutation" ] && echo "proved" && exit 0
  echo "the broken module was not found out" && exit 1
fi
[ -n "$mutation" ] && grep -q "Assert failed" "$work/log" && echo "found" && exit 0
tail -40 "$work/log"
exit 1
