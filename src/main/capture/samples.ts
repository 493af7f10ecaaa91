import { isSocketId, type SocketId } from '../../shared/model/ids'
import { kernelKinds, type KernelKind, type KernelSample } from '../../shared/model/kernel'
import { isKernelField, type KernelField } from '../../shared/model/kernelFields'
import { isMoment } from '../../shared/model/record'

/** Samples of one block. With all their fields they stay far below the length of a block. */
export const MAX_SAMPLES_A_BLOCK = 64
/** The most blocks that one read answers. */
export const MAX_SAMPLE_BLOCKS_A_READ = 64
const MAX_FIELDS = 256
const MAX_NAME_LENGTH = 64

/**
 * What the kernel said of a socket at some moments one after the other, column by column. Of each column the first value stands there,
 * then by how much each next one differs from the one before; a column that stays as it is holds its first value alone.
 */
export interface SamplesPayload {
  readonly v: 1
  readonly kind: 'samples'
  readonly socket: SocketId
  readonly of: KernelKind
  readonly congestion?: string
  /** Nanoseconds since the session began, by the same rule. */
  readonly atNanos: readonly number[]
  readonly columns: Readonly<Record<string, readonly number[]>>
}

/** @param samples of one kind, with the same fields, in their order; at least one */
export function packSamples(socket: SocketId, samples: readonly KernelSample[]): SamplesPayload {
  const [first] = samples
  if (first === undefined) throw new RangeError('there are no samples')
  const columns: Record<string, readonly number[]> = {}
  for (const field of Object.keys(first.values) as KernelField[]) {
    columns[field] = differences(samples.map(({ values }) => values[field] ?? 0))
  }
  const atNanos = samples.map((each) => each.atNanos)
  return {
    v: 1,
    kind: 'samples',
    socket,
    of: first.of,
    ...(first.congestion !== undefined && { congestion: first.congestion }),
    // Equal moments there are none; a single one is what it is.
    atNanos: atNanos.map((nanos, n) => nanos - (atNanos[n - 1] ?? 0)),
    columns,
  }
}

/** The samples of a block, in their order. Fields that are not known here are left out. */
export function unpackSamples({ of, congestion, atNanos, columns }: SamplesPayload): KernelSample[] {
  const known = Object.entries(columns).filter(([name]) => isKernelField(name)) as [
    KernelField,
    readonly number[],
  ][]
  const values: Partial<Record<KernelField, number>> = {}
  let now = 0
  return atNanos.map((step, n) => {
    now += step
    for (const [field, column] of known) {
      const change = column[n]
      if (change !== undefined) values[field] = n === 0 ? change : (values[field] ?? 0) + change
    }
    return { atNanos: now, of, values: { ...values }, ...(congestion !== undefined && { congestion }) }
  })
}

function differences(values: readonly number[]): readonly number[] {
  const [first = 0] = values
  if (values.every((value) => value === first)) return [first]
  return values.map((value, n) => value - (values[n - 1] ?? 0))
}

/** When the last sample of a block was taken. */
export function lastMomentOf({ atNanos }: SamplesPayload): number {
  return atNanos.reduce((sum, step) => sum + step, 0)
}

/** Whether what a block says is samples: it may come from anybody. */
export function isSamples(found: object): found is SamplesPayload {
  if (!('kind' in found) || found.kind !== 'samples') return false
  const { socket, of, congestion, atNanos, columns } = found as Record<string, unknown>
  if (typeof socket !== 'string' || !isSocketId(socket) || !kernelKinds.some((each) => each === of))
    return false
  if (congestion !== undefined && !(typeof congestion === 'string' && congestion.length <= MAX_NAME_LENGTH))
    return false
  if (!Array.isArray(atNanos) || atNanos.length === 0 || atNanos.length > MAX_SAMPLES_A_BLOCK) return false
  let now = 0
  for (const step of atNanos as unknown[]) {
    if (!isMoment(step)) return false
    now += step
  }
  if (!isMoment(now) || typeof columns !== 'object' || columns === null || Array.isArray(columns))
    return false
  const all = Object.entries(columns as Record<string, unknown>)
  const { length } = atNanos
  return (
    all.length <= MAX_FIELDS &&
    all.every(
      ([name, column]) =>
        name.length <= MAX_NAME_LENGTH &&
        Array.isArray(column) &&
        (column.length === 1 || column.length === length) &&
        column.every((each) => Number.isFinite(each)),
    )
  )
}
