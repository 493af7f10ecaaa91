import { z } from 'zod'
import { conditionNames, EXPERIMENT_VERSION, MAX_STEPS } from '../../shared/model/experiment'
import { type OptionName } from '../../shared/model/socketOptions'
import { dial, listen, settable, stream, udp, type Kind, type Kinds } from './options'
import { expectations, kernelNamePattern, payloads } from './expectations'
import { acts, MODE, TEMP_PATH } from './steps'

/**
 * The form of an experiment for editors, from the same tables as the checker. It knows nothing of places or of what steps say of each
 * other; whatever the checker takes fits it.
 */
export function experimentForm(): z.ZodType {
  return z
    .strictObject({
      switchboard: z.literal(EXPERIMENT_VERSION).describe('The version of the form.'),
      name: z.string().optional().describe('What it is called.'),
      about: z.string().optional().describe('What it shows.'),
      endpoints: z
        .record(z.string().regex(/^[A-Za-z_][\w-]{0,63}$/), z.union([listening(), dialling()]))
        .describe('What is listened on and dialled, by names of your own.'),
      steps: z
        .array(z.union(steps()))
        .min(1)
        .max(MAX_STEPS)
        .describe('What is done, one after the other. The first that fails ends the run.'),
    })
    .describe('An experiment of Switchboard: real sockets, what is done with them, and what is expected.')
}

const ADDRESS =
  'tcp://host:port, udp://host:port, unix:/path, unixgram:/path or raw://host/protocol. {NAME.port} is the port that another is bound to.'

function listening(): z.ZodType {
  const accepted = options(stream).optional().describe('Options of the callers that it accepts.')
  return z.strictObject({
    listen: z.string().describe(`Where it listens: ${ADDRESS} Port 0 lets the kernel choose.`),
    behaviour: z
      .string()
      .optional()
      .describe(
        'What it does with those who call: none, echo, upper, discard, reply:TEXT, chargen, daytime; of streams also chat or proxy:URL, of datagrams impair:URL with rules: lose=1/3 duplicate=10% reorder=1/4 delay=50ms.',
      ),
    options: z.union([options(listen).extend({ accepted }), options(udp)]).optional(),
  })
}

function dialling(): z.ZodType {
  return z.strictObject({
    dial: z.string().describe(`Whom it calls: ${ADDRESS}`),
    options: z.union([options(dial), options(udp)]).optional(),
  })
}

function options(kinds: Kinds): z.ZodObject {
  return z.strictObject(
    Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, option(kind).optional()])),
  )
}

function option(kind: Kind): z.ZodType {
  if (kind === 'flag') return z.boolean()
  if (kind === 'text') return z.string()
  if (kind === 'kernel') return kernel()
  return 'words' in kind ? z.enum(kind.words as [string, ...string[]]) : z.int().min(kind[0]).max(kind[1])
}

function kernel(): z.ZodType {
  return z
    .partialRecord(
      z.enum(settable as readonly [OptionName, ...OptionName[]]),
      z.union([z.boolean(), z.number(), z.string()]),
    )
    .describe('Any option by its name in the manual.')
}

const duration = z
  .string()
  .regex(/^\s*\d{1,12}(\.\d{1,6})? ?(ms|s|m|h)\s*$/)
  .describe('A time with its unit: 100ms, 1.5s, 2m, 1h.')
const name = z.string().describe('An endpoint, or server[2] for the second caller of one that listens.')

const abouts: Readonly<Record<keyof typeof acts, string>> = {
  open: 'Listens, binds or dials, and waits until that is done.',
  send: 'Sends text, hex or a file.',
  expect: 'Waits for one thing: bytes, an end, an error, or nothing.',
  wait: 'Waits for so long.',
  close: 'Closes: FIN, and the end once the peer has finished too.',
  reset: 'RST at once.',
  shutdown: 'FIN; reading goes on.',
  pause: 'Stops reading.',
  resume: 'Goes on reading.',
  part: 'Begins a part: a name for the steps from here to the next part. Nothing is done.',
  look: 'Reads one number of the kernel.',
  unplug: 'Whatever is sent to it from here on is lost, as if its cable were pulled out.',
  plug: 'It hears again.',
  unlink: 'Removes a file of the run’s own folder.',
  chmod: 'Says who may do what with a file of the run’s own folder.',
  call: 'One socket call, as a line of Python: data = line.recv(1024).',
  returns: 'A call that blocked on this socket has come back.',
  accept: 'Accepts one caller of what listens and accepts manually; waits for one where there is none.',
}

const values: Readonly<Record<(typeof payloads)[number] | (typeof expectations)[number], z.ZodType>> = {
  text: z.string().describe('Text, as UTF-8. In double quotes \\n and \\x00 are escapes.'),
  hex: z.string().describe('Bytes as pairs of digits: 68 65 6c.'),
  file: z.string().describe("A file of the experiment's folder."),
  regex: z.string().describe('An expression that fits what has come; it sees bytes.'),
  length: z.int().min(0).describe('So many bytes, whatever they are.'),
  closed: z.enum(['fin', 'reset']).describe('The peer has finished, or has reset the connection.'),
  error: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{1,39}$/)
    .describe('The endpoint failed with this error: ECONNREFUSED.'),
  queue: z.int().min(0).describe('So many callers wait to be accepted by what listens.'),
  dialling: z.literal(true).describe('Nobody answers the call, for as long as the step lasts.'),
  nothing: z.literal(true).describe('Nothing comes, and it does not end.'),
  kernel: z
    .record(z.string().regex(kernelNamePattern()), z.union([z.number(), z.string()]))
    .describe("Numbers of the kernel, each with what it is to be: unacked: '> 0'."),
}

const errno = z.string().regex(/^[A-Z][A-Z0-9_]{1,39}$/)
const callValues = {
  gives: z.union([z.string(), z.number(), z.boolean()]).describe("The value, as Python prints it: b'hello'."),
  raises: z
    .string()
    .regex(/^([A-Z][A-Z0-9_]{1,39}|TimeoutError)$/)
    .describe('It fails with this error; TimeoutError where the timeout that settimeout() set is over.'),
  blocks: z.literal(true).describe('It does not return for as long as the step lasts.'),
  until: errno.describe('It is made again and again until it fails with this error; its value is the sum.'),
} as const

const tempPath = z.string().regex(TEMP_PATH).describe('A file there: {temp.path}/phone.')

const firsts: Readonly<Partial<Record<keyof typeof acts, z.ZodType>>> = {
  wait: duration,
  part: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/)
    .describe('A name of small letters, digits and -.'),
  call: z.string(),
  unlink: tempPath,
  chmod: tempPath,
  returns: z.string().describe('A socket that a call made.'),
}

const condition = z
  .string()
  .regex(new RegExp(`^\\s*(not\\s+)?(${conditionNames.join('|')})\\s*$`))
  .describe(
    'linux, macos, windows, native, ipv6, lan, low-ports, raw or superuser; not before it turns it around.',
  )
const valueName = z.string().regex(/^[A-Za-z_]\w{0,39}$/)
const notes = {
  as: valueName.optional().describe('What the step comes to is kept under this name.'),
  took: valueName
    .optional()
    .describe('How long the step took is kept under this name; of returns, how long its call took.'),
  where: z
    .union([condition, z.array(condition).min(1).max(8)])
    .optional()
    .describe('Where this does not hold, the step is left out.'),
}

/** A form for each act; of those that have one of several keys, one for each. */
function steps(): z.ZodType[] {
  return (Object.keys(acts) as (keyof typeof acts)[]).flatMap((act) => {
    const at = firsts[act] ?? name
    return choicesOf(act).map((choice) =>
      z.strictObject({
        [act]: at.describe(`${abouts[act]} ${at.description ?? ''}`),
        ...choice,
        ...(hasKey(act, 'to') && {
          to: z
            .string()
            .optional()
            .describe('Where a datagram goes: udp://host:port, unixgram:/path or raw://host/protocol.'),
        }),
        ...(hasKey(act, 'within') && { within: duration.optional() }),
        ...(act !== 'part' && notes),
      }),
    )
  })
}

/** What may stand beside an act: one choice of keys, or another. */
function choicesOf(act: keyof typeof acts): Readonly<Record<string, z.ZodType>>[] {
  switch (act) {
    case 'send':
      return payloads.map((each) => ({ [each]: values[each] }))
    case 'expect':
      return expectations.map((each) => ({ [each]: values[each] }))
    case 'look':
      return [{ kernel: z.string().describe('The name of a number of the kernel: unacked.') }]
    case 'call':
      return [{}, ...Object.entries(callValues).map(([key, value]) => ({ [key]: value }))]
    case 'chmod':
      return [{ mode: z.string().regex(MODE).describe('Three digits, as chmod(1) has them: 600.') }]
    case 'returns':
      return [{}, { gives: callValues.gives }, { raises: callValues.raises }]
    default:
      return [{}]
  }
}

const hasKey = (act: keyof typeof acts, key: string): boolean =>
  (acts[act] as readonly string[]).includes(key)
