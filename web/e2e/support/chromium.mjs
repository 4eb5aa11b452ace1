// How Chromium is started: packaged by the distribution, with a drawn camera and microphone, without a word to anybody outside.

/** Launch options. `fakes` names files for camera (mjpeg) and microphone (wav). */
export function chromiumLaunch({ camera, microphone } = {}) {
  return {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      ...(camera ? [`--use-file-for-fake-video-capture=${camera}`] : []),
      ...(microphone ? [`--use-file-for-fake-audio-capture=${microphone}`] : []),
    ],
  };
}
