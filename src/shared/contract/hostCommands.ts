import { z } from 'zod'
import { type LeftRecording } from '../model/leftRecording'
import { exportFormat, socketId, shortText } from './schemas'

const answer = <T>() => z.custom<T>()
const command = <In extends z.ZodType, Out extends z.ZodType>(input: In, output: Out) => ({ input, output })

/** What only a desktop can do: the host of the window answers these itself, the service never sees them. */
export const hostCommands = {
  'app.about': command(
    z.strictObject({}),
    answer<{
      readonly version: string
      readonly electron: string
      readonly chrome: string
      readonly node: string
      readonly platform: string
      readonly recordings: string
    }>(),
  ),
  /** Asks for a file to send. The page gets a one-use grant, never a path that it may choose itself. Null when cancelled. */
  'file.pick': command(
    z.strictObject({}),
    answer<{ readonly grant: string; readonly name: string; readonly sizeBytes: number } | null>(),
  ),
  /** Another window, with a session that is empty. */
  'session.new': command(z.strictObject({}), answer<null>()),
  /** Asks for a file and opens it: a session in a window of its own, or in this one if nothing has happened here. What is wrong is told. */
  'session.choose': command(z.strictObject({}), answer<null>()),
  /** Asks where to save the session. The page gets a one-use grant. Null when cancelled. */
  'session.target': command(
    z.strictObject({ suggest: z.enum(['name', 'copy']) }),
    answer<{ readonly grant: string } | null>(),
  ),
  'session.about': command(
    z.strictObject({}),
    answer<{ readonly file: string | null; readonly isUntitled: boolean }>(),
  ),
  /** The page has kept what had just changed, as it was asked to. */
  'session.flushed': command(z.strictObject({}), answer<null>()),
  /** The session has been saved under a name: it is remembered among the files opened before. */
  'session.saved': command(z.strictObject({}), answer<null>()),
  /** Opens the copy that was saved last, in a window of its own. */
  'session.openCopy': command(z.strictObject({}), answer<null>()),
  /** Recordings that a killed program left; told once in each start. */
  'recovery.offer': command(z.strictObject({}), answer<readonly LeftRecording[]>()),
  /** Goes on with one of them, as `session.choose` does. */
  'recovery.open': command(z.strictObject({ file: z.string().max(4096) }), answer<null>()),
  /** Moves one of them to the trash. */
  'recovery.discard': command(z.strictObject({ file: z.string().max(4096) }), answer<null>()),
  /** Files that were opened or saved before and are there still, the latest first. */
  'recent.list': command(z.strictObject({}), answer<readonly string[]>()),
  /** Opens one of them, as `session.choose` does. */
  'recent.open': command(z.strictObject({ file: z.string().max(4096) }), answer<null>()),
  'recent.clear': command(z.strictObject({}), answer<null>()),
  /** Asks for a recording to open beside, as `file.pick` does for a file to send. */
  'session.pick': command(
    z.strictObject({}),
    answer<{ readonly grant: string; readonly name: string } | null>(),
  ),
  /** Asks for an experiment to open, likewise. */
  'experiment.pick': command(
    z.strictObject({}),
    answer<{ readonly grant: string; readonly name: string } | null>(),
  ),
  /** Asks for a lesson to open, by its `lesson.md`, likewise. */
  'lesson.pick': command(
    z.strictObject({}),
    answer<{ readonly grant: string; readonly name: string } | null>(),
  ),
  /** Shows the folder for the user's own lessons in the system's file manager; it is made if it is not there. */
  'lesson.reveal': command(z.strictObject({}), answer<null>()),
  /** Asks for a file to write an export to, and offers a name. The page gets a one-use grant. Null when cancelled. */
  'export.pick': command(
    z.strictObject({ name: shortText, format: exportFormat }),
    answer<{ readonly grant: string } | null>(),
  ),
  /** Follows a socket's record: a MessagePort arrives as the window message `switchboard:tap`, tagged with the number answered. */
  'tap.open': command(
    z.strictObject({ id: socketId, from: z.number().int().min(0) }),
    answer<{ readonly tap: number }>(),
  ),
  'tap.close': command(z.strictObject({ tap: z.number().int().min(0) }), answer<null>()),
  /** Shows the recording in the system's file manager. */
  'recording.reveal': command(z.strictObject({}), answer<null>()),
  'clipboard.write': command(z.strictObject({ text: z.string().max(8 * 1024 * 1024) }), answer<null>()),
  /** Asks for a file and writes text into it: a report. Null when cancelled. */
  'text.save': command(
    z.strictObject({ name: shortText, text: z.string().max(32 * 1024 * 1024) }),
    answer<{ readonly name: string } | null>(),
  ),
  /** Remembered between starts: window arrangement, theme, composer history. Values are JSON text under 256 KB. */
  'settings.read': command(z.strictObject({ key: shortText }), answer<string | null>()),
  'settings.write': command(
    z.strictObject({ key: shortText, json: z.string().max(262_144) }),
    answer<null>(),
  ),
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>

export type HostCommandName = keyof typeof hostCommands
export type HostCommandInput<Name extends HostCommandName> = z.input<(typeof hostCommands)[Name]['input']>
export type HostCommandOutput<Name extends HostCommandName> = z.output<(typeof hostCommands)[Name]['output']>

const names: ReadonlySet<string> = new Set(Object.keys(hostCommands))
export function isHostCommandName(name: unknown): name is HostCommandName {
  return typeof name === 'string' && names.has(name)
}
