import { z } from 'zod'
import { type BenchLog, type BenchSocketSummary, type BenchSummary } from '../model/bench'
import { type ExportStatus } from '../model/export'
import { type ShownExperiment, type StepOutcome } from '../model/experiment'
import { type LessonCard, type LessonPicture, type ShownLesson } from '../model/lesson'
import { type Program } from '../model/program'
import { type ByteRange, type CaptureSize } from '../model/record'
import { type OpenedRecording } from '../model/opened'
import { MAX_NOTE_LENGTH, markColours, type Mark } from '../model/mark'
import { type ComparedRange } from '../model/compare'
import { type LadderCast } from '../ladder/model'
import { type ReplayStatus, type ToldReport } from '../model/replay'
import { type Match } from '../model/search'
import { type PackedFrames } from './packedFrames'
import { type Throughput } from '../model/stats'
import { kernelRates, type KernelLatest, type KernelSampling, type KernelSeries } from '../model/kernel'
import {
  MAX_ARRANGEMENT_LENGTH,
  MAX_IDS_A_QUESTION,
  MAX_KERNEL_FIELDS,
  MAX_LOOKED_AT,
  MAX_MERGED,
} from './limits'
import { type PackedLadder } from './packedLadder'
import { type PackedRows } from './packedRows'
import { type OptionReading } from '../model/options'
import {
  type ConnectionSummary,
  type Counters,
  type FileProgress,
  type ListenerSummary,
  type RecordingStatus,
  type SendReceipt,
  type SocketSummary,
  type DatagramSummary,
  type UdpSummary,
} from '../model/summary'
import { benchAct, benchId, benchSocketId, callNumber } from './benchSchemas'
import { type ConnectionId, type SocketId } from '../model/ids'
import {
  acceptMode,
  addressText,
  comparedSide,
  connectionId,
  datagramId,
  dialOptions,
  exportFormat,
  exportScope,
  filterLine,
  framesNumber,
  framing,
  kernelField,
  ladderEnd,
  listenerId,
  listenOptions,
  payload,
  moment,
  optionName,
  optionValue,
  position,
  programLanguage,
  replayAsked,
  searchNumber,
  searchQuery,
  shortText,
  socketId,
  streamName,
  streamOptions,
  udpId,
  udpOptions,
} from './schemas'

/** What answers carry is ours and typed; only what comes in is parsed. `answer<T>()` fixes the type in the one table. */
const answer = <T>() => z.custom<T>()

const command = <In extends z.ZodType, Out extends z.ZodType>(input: In, output: Out) => ({ input, output })

const behaviour = shortText
const lookedAt = z.array(socketId).max(MAX_LOOKED_AT)
const mergedIds = z.array(socketId).min(1).max(MAX_MERGED)

/**
 * Every command that a window or a script may give, with what goes in and what comes out.
 * The service's handlers, the preload's surface and the page's types all come from this table.
 */
export const commands = {
  /** Opens a listener (tcp:// or unix:) and answers once it listens, or with the fault. */
  'listener.open': command(
    z.strictObject({ at: addressText, behaviour: behaviour.optional(), options: listenOptions.optional() }),
    answer<ListenerSummary>(),
  ),
  /** Closes a listener; its connections stay. */
  'listener.close': command(z.strictObject({ id: listenerId }), answer<ListenerSummary>()),
  /** Accepts callers in another way from now on. */
  'listener.setAccept': command(
    z.strictObject({ id: listenerId, mode: acceptMode }),
    answer<ListenerSummary>(),
  ),
  /** One accept(2): answers once there is a caller. */
  'listener.accept': command(
    z.strictObject({ id: listenerId }),
    answer<{ readonly connection: ConnectionId }>(),
  ),
  'listener.behave': command(z.strictObject({ id: listenerId, behaviour }), answer<ListenerSummary>()),
  /** Sends to every open connection of the listener. */
  'listener.broadcast': command(
    z.strictObject({ id: listenerId, bytes: payload }),
    answer<{ readonly sent: number; readonly failed: number }>(),
  ),

  /** Dials (tcp:// or unix:). Answers at once with the connection in phase `dialling`; its end is told by events. */
  'connection.dial': command(
    z.strictObject({ to: addressText, options: dialOptions.optional() }),
    answer<ConnectionSummary>(),
  ),
  'connection.send': command(z.strictObject({ id: connectionId, bytes: payload }), answer<SendReceipt>()),
  /** Sends a file that the user picked; `grant` comes from `file.pick`. Progress is told by events. */
  'connection.sendFile': command(
    z.strictObject({ id: connectionId, grant: shortText }),
    answer<FileProgress>(),
  ),
  'connection.cancelFile': command(z.strictObject({ id: connectionId }), answer<null>()),
  /** FIN after what is queued, and the end once the peer has finished too or the connection is gone. */
  'connection.close': command(z.strictObject({ id: connectionId }), answer<ConnectionSummary>()),
  /** FIN after what is queued; reading goes on. shutdown(SHUT_WR). */
  'connection.halfClose': command(z.strictObject({ id: connectionId }), answer<ConnectionSummary>()),
  /** RST at once; what is queued is dropped. */
  'connection.reset': command(z.strictObject({ id: connectionId }), answer<ConnectionSummary>()),
  'connection.pause': command(z.strictObject({ id: connectionId }), answer<ConnectionSummary>()),
  'connection.resume': command(z.strictObject({ id: connectionId }), answer<ConnectionSummary>()),
  'connection.setOptions': command(
    z.strictObject({ id: connectionId, options: streamOptions }),
    answer<readonly OptionReading[]>(),
  ),

  /** Binds a datagram socket: udp://, unixgram: or raw://. */
  'udp.bind': command(
    z.strictObject({ at: addressText, behaviour: behaviour.optional(), options: udpOptions.optional() }),
    answer<DatagramSummary>(),
  ),
  /** One datagram; `to` may be absent only while connected. An empty payload is a datagram of length 0. */
  'udp.send': command(
    z.strictObject({ id: datagramId, to: addressText.optional(), bytes: payload }),
    answer<SendReceipt>(),
  ),
  'udp.connect': command(z.strictObject({ id: datagramId, to: addressText }), answer<DatagramSummary>()),
  /** What it does with what comes in, from now on. */
  'udp.behave': command(z.strictObject({ id: datagramId, behaviour }), answer<DatagramSummary>()),
  'udp.disconnect': command(z.strictObject({ id: datagramId }), answer<DatagramSummary>()),
  'udp.joinGroup': command(
    z.strictObject({ id: udpId, group: shortText, networkInterface: shortText.optional() }),
    answer<UdpSummary>(),
  ),
  'udp.leaveGroup': command(
    z.strictObject({ id: udpId, group: shortText, networkInterface: shortText.optional() }),
    answer<UdpSummary>(),
  ),
  'udp.setOptions': command(
    z.strictObject({ id: datagramId, options: udpOptions }),
    answer<readonly OptionReading[]>(),
  ),
  'udp.close': command(z.strictObject({ id: datagramId }), answer<DatagramSummary>()),

  /** Everything there is, for a window that has just loaded. */
  'socket.list': command(
    z.strictObject({}),
    answer<{
      readonly sockets: readonly SocketSummary[]
      readonly counters: ReadonlyArray<readonly [SocketId, Counters]>
      readonly recording: RecordingStatus
      readonly opened: readonly OpenedRecording[]
    }>(),
  ),
  /** The options of an open socket, read from the kernel now. */
  'socket.readOptions': command(z.strictObject({ id: socketId }), answer<readonly OptionReading[]>()),
  /** Sets one option of an open socket by its name in the manual, and reads it back. */
  'socket.setOption': command(
    z.strictObject({ id: socketId, name: optionName, value: optionValue }),
    answer<OptionReading>(),
  ),
  /** Takes a closed socket off the list. Its record stays in the file. */
  'socket.forget': command(z.strictObject({ id: socketId }), answer<null>()),

  /** Rows `from` (inclusive) to `to` (exclusive), fewer where the record ends. */
  'capture.read': command(
    z.strictObject({ id: socketId, from: position, to: position }),
    answer<{ readonly rows: PackedRows; readonly size: CaptureSize }>(),
  ),
  /** A byte range of one direction's stream, or of both counted together. Offsets in bytes. */
  'capture.bytes': command(
    z.strictObject({ id: socketId, stream: streamName, from: position, to: position }),
    answer<ByteRange>(),
  ),
  /** The row that holds the byte at an offset, or the last row if there is none. */
  'capture.rowAtOffset': command(
    z.strictObject({ id: socketId, stream: streamName, offset: position }),
    answer<number>(),
  ),
  /** How many rows were recorded before a moment: the number of the first one at or after it. */
  'capture.rowAtTime': command(z.strictObject({ id: socketId, atNanos: moment }), answer<number>()),

  /**
   * Bytes and rows in equal parts of a span: of some sockets, or with null of all (of the recording that `beside` is of, if that was
   * opened beside the session); together, or each apart. From the index alone.
   * A new question of the same asker ends the one before.
   */
  'stats.throughput': command(
    z.strictObject({
      asker: shortText,
      ids: z.array(socketId).max(MAX_IDS_A_QUESTION).nullable(),
      fromNanos: moment.nullable(),
      toNanos: moment.nullable(),
      beside: socketId.optional(),
      parts: z.number().int().min(1).max(2000),
      isApart: z.boolean(),
    }),
    answer<Throughput>(),
  ),
  /** Ends the question of an asker, if it is not answered yet. */
  'stats.cancelThroughput': command(z.strictObject({ asker: shortText }), answer<null>()),
  /** Begins to count chunks by length and gap in a span of one socket's record, or with null of all. How far it is, is told by events. */
  'stats.begin': command(
    z.strictObject({
      id: socketId.nullable(),
      beside: socketId.optional(),
      fromNanos: moment,
      toNanos: moment.nullable(),
    }),
    answer<{ readonly stats: number }>(),
  ),
  'stats.end': command(z.strictObject({ stats: searchNumber }), answer<null>()),

  /** Rows of several sockets on one time axis; for each the place of its socket among those named. */
  'merge.read': command(
    z.strictObject({ ids: mergedIds, from: position, to: position }),
    answer<{ readonly rows: PackedRows; readonly owners: Uint8Array; readonly total: number }>(),
  ),
  /** Where a row of one of them stands among the rows of all. */
  'merge.rankOf': command(z.strictObject({ ids: mergedIds, id: socketId, row: position }), answer<number>()),

  /** Who is in a ladder of these sockets: each with what goes with it, a listener's connections and the other ends. */
  'ladder.cast': command(z.strictObject({ ids: mergedIds }), answer<LadderCast>()),
  /** A part of a ladder: rows by their ranks among those of all, or those of a time, and what went from line to line. */
  'ladder.read': command(
    z.strictObject({
      ends: z.array(ladderEnd).min(1).max(MAX_MERGED),
      by: z.enum(['rank', 'time']),
      from: moment,
      to: moment,
    }),
    answer<PackedLadder>(),
  ),

  /** Begins to look through one socket's record, or with null through all, in a thread of its own. How far it is, is told by events. */
  'search.begin': command(
    z.strictObject({ id: socketId.nullable(), query: searchQuery }),
    answer<{ readonly search: number }>(),
  ),
  /** Matches `from` (inclusive) to `to` (exclusive) of those kept, in the order of sockets, rows and offsets. */
  'search.matches': command(
    z.strictObject({ search: searchNumber, from: position, to: position }),
    answer<readonly Match[]>(),
  ),
  /** The index of the first kept match of a socket that begins at or after a row. */
  'search.firstFrom': command(
    z.strictObject({ search: searchNumber, id: socketId, row: position }),
    answer<number>(),
  ),
  /** How many kept matches lie in each of so many equal parts of a socket's rows, or with a stream, of its bytes. */
  'search.marks': command(
    z.strictObject({
      search: searchNumber,
      id: socketId,
      parts: z.number().int().min(1).max(2000),
      stream: streamName.optional(),
    }),
    answer<readonly number[]>(),
  ),
  /** Ends a search, wherever it is. */
  'search.end': command(z.strictObject({ search: searchNumber }), answer<null>()),

  /** Begins to compare what is recorded of two sides by now, in a thread of its own; answers with the ranges that are compared. How far it is, is told by events. */
  'compare.begin': command(
    z.strictObject({ a: comparedSide, b: comparedSide }),
    answer<{ readonly compare: number; readonly a: ComparedRange; readonly b: ComparedRange }>(),
  ),
  /** Differences `from` (inclusive) to `to` (exclusive) of those kept, in order, four floats each: aFrom, aTo, bFrom, bTo. */
  'compare.regions': command(
    z.strictObject({ compare: searchNumber, from: position, to: position }),
    answer<Float64Array>(),
  ),
  /** Ends a comparison, wherever it is. */
  'compare.end': command(z.strictObject({ compare: searchNumber }), answer<null>()),

  /** Opens a recording that the user picked (`grant` from `session.pick`): its sockets join the list. How far it is, is told by events. */
  'session.open': command(z.strictObject({ grant: shortText }), answer<OpenedRecording>()),
  'session.cancelOpening': command(z.strictObject({ opening: searchNumber }), answer<null>()),
  /**
   * Moves the recording, while it goes on, to a file that the user chose; `grant` is one to write. What is there is replaced, only whole.
   * The file it was in stays as it is at that moment, unless it `isMoved`, which is for the host to say. How far it is, is told by events.
   */
  'session.saveAs': command(
    z.strictObject({ grant: shortText, isMoved: z.boolean().optional() }),
    answer<{ readonly file: string }>(),
  ),
  /** The same without going on there: a copy of what is recorded by now. */
  'session.saveCopy': command(z.strictObject({ grant: shortText }), answer<{ readonly file: string }>()),
  /** Ends what is being saved, which then answers SB_CANCELLED. Nothing is left of it. */
  'session.cancelSaving': command(z.strictObject({}), answer<null>()),
  /** Answers once all that is recorded by now is on the disk itself. */
  'session.sync': command(z.strictObject({}), answer<null>()),
  /** Keeps with the recording how the window is arranged: JSON. The last word holds; that of another run of a session is answered SB_CANCELLED. */
  'session.arrange': command(
    z.strictObject({ arrangement: z.string().max(MAX_ARRANGEMENT_LENGTH), run: shortText }),
    answer<null>(),
  ),
  'session.arrangement': command(
    z.strictObject({}),
    answer<{ readonly arrangement: string | null; readonly run: string }>(),
  ),
  /** Begins to tell one socket's rows apart by a filter line, in a thread of its own. How far it is, is told by events. */
  'filter.begin': command(
    z.strictObject({ id: socketId, line: filterLine }),
    answer<{ readonly filter: number }>(),
  ),
  /** The matching rows `from` to `to` (exclusive), counted among themselves from 0. */
  'filter.rows': command(
    z.strictObject({ filter: searchNumber, from: position, to: position }),
    answer<PackedRows>(),
  ),
  /** How many matching rows come before a row, and whether it fits itself. */
  'filter.rank': command(
    z.strictObject({ filter: searchNumber, row: position }),
    answer<{ readonly rank: number; readonly fits: boolean }>(),
  ),
  'filter.end': command(z.strictObject({ filter: searchNumber }), answer<null>()),

  /**
   * Writes a part of the record to a file that the user chose; `grant` comes from `export.pick`. `beside`: where all sockets are
   * wanted, one of the recording that is meant, or null for what is being recorded. Progress is told by events.
   */
  'export.begin': command(
    z.strictObject({
      scope: exportScope,
      beside: socketId.nullable(),
      format: exportFormat,
      grant: shortText,
    }),
    answer<ExportStatus>(),
  ),
  /** Ends an export, and answers once nothing is left of its file. */
  'export.cancel': command(z.strictObject({ number: position }), answer<null>()),
  /** Reads an experiment that the user picked (`grant` from `experiment.pick`); what is wrong with it is in the answer. */
  'experiment.open': command(z.strictObject({ grant: shortText }), answer<ShownExperiment>()),
  /** Reads it anew, and stands before its first step. */
  'experiment.start': command(z.strictObject({ experiment: searchNumber }), answer<ShownExperiment>()),
  /** Begins the next step. Answers at once; progress is told by events. */
  'experiment.step': command(z.strictObject({ experiment: searchNumber }), answer<null>()),
  /** Begins all steps that are left, or those before step `to`, counted from 0. */
  'experiment.run': command(
    z.strictObject({ experiment: searchNumber, to: position.optional() }),
    answer<null>(),
  ),
  /** Ends the run, and answers once its sockets are gone. */
  'experiment.cancel': command(z.strictObject({ experiment: searchNumber }), answer<null>()),
  /** What came of steps `from` (inclusive) to `to` (exclusive), counted from 0. */
  'experiment.outcomes': command(
    z.strictObject({ experiment: searchNumber, from: position, to: position }),
    answer<readonly StepOutcome[]>(),
  ),
  /** Ends its run, and forgets it with the lesson that it may be of. */
  'experiment.close': command(z.strictObject({ experiment: searchNumber }), answer<null>()),

  /** An open experiment as a program: `only` one of its ends, or all of it. */
  'program.ofExperiment': command(
    z.strictObject({ experiment: searchNumber, language: programLanguage, only: shortText.nullable() }),
    answer<Program>(),
  ),
  /** What was recorded of a socket as a program: the side that it was if `only` is absent, or another end, or all of them. */
  'program.ofSocket': command(
    z.strictObject({ id: socketId, language: programLanguage, only: shortText.nullable().optional() }),
    answer<Program>(),
  ),

  /** The lessons there are: those that come with the program, by the names of their folders, then the user's own. */
  'lesson.list': command(z.strictObject({}), answer<readonly LessonCard[]>()),
  /**
   * Opens a lesson of the list (`isOwn` where one of the user's own has the name of another), or one that the user picked. Its
   * experiment is opened with it: `experiment.*` act on that, and `experiment.close` closes both. What is wrong with it is in the answer.
   */
  'lesson.open': command(
    z.union([
      z.strictObject({ id: shortText, isOwn: z.boolean().optional() }),
      z.strictObject({ grant: shortText }),
    ]),
    answer<ShownLesson>(),
  ),
  /** Reads text and experiment anew, and stands before the first step. `experiment.start` reads the experiment alone. */
  'lesson.start': command(z.strictObject({ experiment: searchNumber }), answer<ShownLesson>()),
  /** A picture that the text of an open lesson names. */
  'lesson.picture': command(
    z.strictObject({ experiment: searchNumber, name: shortText }),
    answer<LessonPicture>(),
  ),

  /** The marks of one socket's rows, in their order. */
  'marks.list': command(z.strictObject({ id: socketId }), answer<readonly Mark[]>()),
  /** Marks a row, or changes its mark, of which what is left out stays as it is; it is kept with the recording. */
  'marks.set': command(
    z.strictObject({
      id: socketId,
      row: position,
      note: z.string().max(MAX_NOTE_LENGTH).optional(),
      colour: z.enum(markColours).optional(),
    }),
    answer<null>(),
  ),
  /** Takes a mark away, and answers with what it was: null if there was none. */
  'marks.remove': command(z.strictObject({ id: socketId, row: position }), answer<Mark | null>()),

  /** Begins to cut one socket's record into frames, each direction for itself, in a thread of its own. How far it is, is told by events. */
  'frames.begin': command(z.strictObject({ id: socketId, framing }), answer<{ readonly frames: number }>()),
  /** Frames `from` (inclusive) to `to` (exclusive), and after the complete ones what is unfinished. Fewer than asked where they are long. */
  'frames.read': command(
    z.strictObject({ frames: framesNumber, from: position, to: position }),
    answer<{ readonly frames: PackedFrames; readonly count: number }>(),
  ),
  /** Ends it, wherever it is. */
  'frames.end': command(z.strictObject({ frames: framesNumber }), answer<null>()),

  /** Begins to play recorded connections again, in this session. How far it is, is told by events. */
  'replay.begin': command(replayAsked, answer<ReplayStatus>()),
  'replay.pause': command(z.strictObject({ replay: searchNumber }), answer<null>()),
  'replay.resume': command(z.strictObject({ replay: searchNumber }), answer<null>()),
  /** While paused: what comes next in the record happens. */
  'replay.step': command(z.strictObject({ replay: searchNumber }), answer<null>()),
  /** Breaks off what still goes on. */
  'replay.stop': command(z.strictObject({ replay: searchNumber }), answer<null>()),
  /** What came of it, once it is done. */
  'replay.report': command(z.strictObject({ replay: searchNumber }), answer<ToldReport>()),
  /** Forgets a replay, wherever it is. */
  'replay.end': command(z.strictObject({ replay: searchNumber }), answer<null>()),

  /**
   * Which sockets a window looks at: those of `sampled` are asked at the session's rate, of those of `shown` it is told how they go on
   * after their descriptors are gone, and what the kernel dropped. What was looked at before is not any more.
   */
  'kernel.look': command(z.strictObject({ sampled: lookedAt, shown: lookedAt }), answer<KernelSampling>()),
  /** How often sockets are asked, and whether all are or only those that are looked at. */
  'kernel.configure': command(
    z.strictObject({ rate: z.literal(kernelRates), isAll: z.boolean() }),
    answer<KernelSampling>(),
  ),
  'kernel.sampling': command(z.strictObject({}), answer<KernelSampling>()),
  /** What is known last of a socket, also of one that was recorded earlier. */
  'kernel.latest': command(z.strictObject({ id: socketId }), answer<KernelLatest>()),
  /** Some fields of a socket's samples in equal parts of a span. A new question of the same asker ends the one before. */
  'kernel.series': command(
    z.strictObject({
      asker: shortText,
      id: socketId,
      fields: z.array(kernelField).min(1).max(MAX_KERNEL_FIELDS),
      fromNanos: moment,
      toNanos: moment,
      parts: z.number().int().min(1).max(2000),
    }),
    answer<KernelSeries>(),
  ),
  'kernel.cancelSeries': command(z.strictObject({ asker: shortText }), answer<null>()),

  /** A syscall bench: sockets, and one call at a time on them. */
  'bench.open': command(z.strictObject({}), answer<BenchSummary>()),
  /** Begins a call. How it goes on is told by the bench's log. */
  'bench.call': command(
    z.strictObject({ id: benchId, act: benchAct }),
    answer<{ readonly number: number }>(),
  ),
  /** Ends a call that blocks: its system call returns EINTR. */
  'bench.cancel': command(z.strictObject({ id: benchId, number: callNumber }), answer<null>()),
  /** The calls from a number on, in the order begun: of a bench that is open, or of one that is recorded. */
  'bench.log': command(z.strictObject({ id: benchId, from: callNumber }), answer<BenchLog>()),
  /** Asks the kernel anew how its sockets stand; events tell what is another. */
  'bench.look': command(z.strictObject({ id: benchId }), answer<null>()),
  /** A bench's descriptor goes on as an ordinary connection, listener or UDP socket. */
  'bench.handOver': command(
    z.strictObject({ id: benchSocketId }),
    answer<ConnectionSummary | ListenerSummary | UdpSummary>(),
  ),
  /** An ordinary socket's descriptor becomes one of a bench's. */
  'bench.takeBack': command(
    z.strictObject({ id: z.union([connectionId, listenerId, udpId]), bench: benchId }),
    answer<BenchSocketSummary>(),
  ),
  /** Cancels what blocks, and closes its sockets. */
  'bench.close': command(z.strictObject({ id: benchId }), answer<BenchSummary>()),

  /** Removes a Unix socket file that nobody listens on. Refuses anything else. */
  'unix.removeStale': command(z.strictObject({ path: shortText }), answer<null>()),
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>

export type CommandName = keyof typeof commands
export type CommandInput<Name extends CommandName> = z.input<(typeof commands)[Name]['input']>
export type CommandOutput<Name extends CommandName> = z.output<(typeof commands)[Name]['output']>

const names: ReadonlySet<string> = new Set(Object.keys(commands))
/** Known names come from a Set: `__proto__` and its like are no commands. */
export function isCommandName(name: unknown): name is CommandName {
  return typeof name === 'string' && names.has(name)
}
