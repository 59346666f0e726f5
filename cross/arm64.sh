# shellcheck shell=bash disable=SC2034 # Read by cross/build.
# Raspberry Pi 3, 4, 5 and Zero 2 with a 64-bit system; Debian arm64.
target=aarch64-unknown-linux-gnu
gnu=aarch64-linux-gnu
packages="gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
libraries="ld-linux-aarch64.so.1 libc.so.6 libgcc_s.so.1 libm.so.6"
