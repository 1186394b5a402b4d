#!/usr/bin/env bash
# The pictures of README.md, drawn anew: tests/pictures/readme.sh [PRESET]. Open them before they are committed.
set -euo pipefail
cd "$(dirname "$0")/../.."
preset="${1:-debug}"
ninja -C "build/$preset" kubewalk_pictures
command -v optipng >/dev/null || apt-get install -y optipng
draw() { # NAME STEP...
  local picture="assets/screenshots/$1.png"
  "build/$preset/kubewalk_pictures" --size 1440x900 "${@:2}" "shot=$picture"
  optipng -quiet -o2 -strip all "$picture"
}
draw traffic lesson=outside-request view=traffic "send=laptop http://192.168.122.12:30001/" wait=1 click=inspector/hops/list/6 wait=1
draw architecture lesson=welcome view=architecture select=deployments/sock-shop/carts tab=manifest \
  "run=kubectl -n sock-shop scale deployment carts --replicas=2" wait=3.2
draw cluster mode=sandbox view=cluster select=deployments/sock-shop/carts wait=0.5 tab=describe wait=1
draw dns lesson=dns-names view=dns "run=kubectl -n sock-shop exec deploy/carts -- nslookup catalogue" wait=2
draw traffic-compare mode=sandbox view=traffic "send=laptop http://192.168.122.12:30001/" wait=1 click=view/traffic/pin \
  "send=laptop http://192.168.122.13:30001/" wait=1 click=inspector/hops/list/6 hover=inspector/hops/list/6 wait=1
