import { type Area } from './area'

export const replayHandlers: Area<'replay'> = {
  'replay.begin': (asked, { replays }) => replays.begin(asked),
  'replay.pause': ({ replay }, { replays }) => replays.pause(replay),
  'replay.resume': ({ replay }, { replays }) => replays.resume(replay),
  'replay.step': ({ replay }, { replays }) => replays.step(replay),
  'replay.stop': ({ replay }, { replays }) => replays.stop(replay),
  'replay.report': ({ replay }, { replays }) => replays.report(replay),
  async 'replay.end'({ replay }, { replays }) {
    await replays.end(replay)
    return { ok: true, value: null }
  },
}
