#!/usr/bin/env bash
# picture.sh WAVES VIEW.gtkw PICTURE.png [FROM TO]: opens the view in GTKWave on a screen of its own and takes a picture.
# Needs gtkwave, xvfb, imagemagick. FROM and TO, in ps, choose the stretch (default: all of it).
set -euo pipefail
waves=$1 view=$2 picture=$3 from=${4:-} to=${5:-}
for file in "$waves" "$view"; do [[ -r $file ]] || { echo "picture.sh: cannot read $file" >&2; exit 1; }; done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[[ -n $from ]] || printf 'gtkwave::/Time/Zoom/Zoom_Full\n' >"$folder/zoom.tcl"
[[ -z $from ]] || printf 'gtkwave::setZoomRangeTimes %s %s\n' "$from" "$to" >"$folder/zoom.tcl"
xvfb-run -a -s '-screen 0 1600x1000x24' bash -c '
  gtkwave -S "$1/zoom.tcl" "$2" "$3" >"$1/log" 2>&1 &
  viewer=$!
  sleep 6
  import -window root "$4"
  kill $viewer' _ "$folder" "$waves" "$view" "$picture"
