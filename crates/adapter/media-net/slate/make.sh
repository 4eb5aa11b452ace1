#!/bin/sh
# Makes the slate: one dark, neutral key frame in each codec. Needs ffmpeg with libvpx and libx264.
set -eu
cd "$(dirname "$0")"
picture="color=c=0x171b21:s=1280x720:r=1:d=1,drawbox=x=560:y=357:w=160:h=6:color=0x3a4350:t=fill,format=yuv420p"
ffmpeg -v error -y -f lavfi -i "$picture" -frames:v 1 -c:v libvpx -b:v 400k -quality best -f ivf slate.ivf
ffmpeg -v error -y -f lavfi -i "$picture" -frames:v 1 -c:v libx264 -profile:v baseline -level 3.1 -crf 24 -preset veryslow \
  -x264-params "aud=0:sliced-threads=0:slices=1:annexb=1" -bsf:v "filter_units=remove_types=6" -f h264 slate.h264
