# shellcheck shell=bash disable=SC2034 # Read by cross/build.
# Raspberry Pi 2, 3 and 4 with a 32-bit system; Debian armhf. ARMv7: the first Pi and the Zero are ARMv6, and cannot run it.
target=armv7-unknown-linux-gnueabihf
gnu=arm-linux-gnueabihf
packages="gcc-arm-linux-gnueabihf libc6-dev-armhf-cross"
libraries="ld-linux-armhf.so.3 libc.so.6 libgcc_s.so.1 libm.so.6"
