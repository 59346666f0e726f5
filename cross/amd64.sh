# shellcheck shell=bash disable=SC2034 # Read by cross/build.
# PCs and virtual machines.
target=x86_64-unknown-linux-gnu
gnu=x86_64-linux-gnu
packages="gcc libc6-dev"
libraries="ld-linux-x86-64.so.2 libc.so.6 libgcc_s.so.1 libm.so.6"
