import { type Plan } from '../main/replay/plan'
import { type ReplayOptions } from '../main/replay/choosing'
import { Player } from '../main/replay/player'
import { describeProgress, type ReplayReport } from '../shared/model/replay'
import { must } from './must'
import { ProgressLine } from './progressLine'
import { openRecording } from './recording'
import { type Terminal } from './terminal'

export interface Playing {
  /** Keeps what is recorded of the replay; else it is removed at the end. */
  readonly record?: string | undefined
  readonly terminal: Pick<Terminal, 'interrupt' | 'stderr' | 'lost'>
  /** Told where a server listens, before anybody can have called. */
  readonly onListening?: (url: string) => Promise<void>
}

/** Plays a plan with an engine and a recording of its own. Throws a FaultError where it cannot be played. */
export async function play(plan: Plan, options: ReplayOptions, playing: Playing): Promise<ReplayReport> {
  const recording = await openRecording(playing.record, playing.terminal, 'replay.swb')
  const progress = new ProgressLine(playing.terminal.stderr)
  try {
    const { engine, capture } = recording.service
    const player: Player = new Player({
      engine,
      recording: capture,
      plan,
      options,
      ...(progress.isSeen && {
        onProgress: () => progress.show(describeProgress('playing', player.status())),
      }),
    })
    must(await player.open())
    if (player.listening !== null) await playing.onListening?.(player.listening)
    const stop = (): void => player.stop()
    const { interrupt } = playing.terminal
    interrupt.addEventListener('abort', stop)
    if (interrupt.aborted) stop()
    const report = await player.play()
    interrupt.removeEventListener('abort', stop)
    // What was not recorded could not be compared.
    if (capture.status().fault !== undefined) playing.terminal.lost()
    return report
  } finally {
    progress.clear()
    await recording.close()
  }
}
