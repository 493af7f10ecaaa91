import { type Recorder } from './recorder'

/** Resolves when the recording takes more: at once, unless the disk is behind and all memory for it is taken. */
export function whenRoom(recorder: Pick<Recorder, 'hasRoom' | 'onRoom'>): Promise<void> {
  if (recorder.hasRoom) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = recorder.onRoom((hasRoom) => {
      if (!hasRoom) return
      stop()
      resolve()
    })
  })
}
