import { type Expectation } from '../../../shared/model/experiment'
import { type DataRow } from '../../../shared/model/record'
import { type DatagramId } from '../../../shared/model/ids'
import { formatDuration } from '../../../shared/wire/duration'
import { endOfMatch } from './matching'
import { type Moment } from './moment'
import { contextFrom, differenceAt, failed, faulty, firstDifference, passed, type Done } from './outcome'
import { type DatagramPlace } from './places'
import { bytesIn, firstRow, untilRecorded } from './reading'

/** A datagram is expected as a whole: each step takes one. */
export async function expectDatagram(
  moment: Moment,
  place: DatagramPlace,
  expectation: Expectation,
): Promise<Done> {
  const { ground } = moment.places
  const id = place.id as DatagramId
  const done = await untilRecorded(moment, async (): Promise<Done | null> => {
    const next = await nextDatagram(moment, place)
    if (!next.ok) return faulty(next.fault)
    const { found } = next.value
    if (found === null) return null
    place.nextRow = next.value.next
    const read = await bytesIn(ground, id, found.offset, found.offset + found.lengthBytes)
    return read.ok ? compare(read.value, expectation) : faulty(read.fault)
  })
  return done ?? failed(`No datagram came within ${formatDuration(moment.withinMs)}.`)
}

export async function expectUdpSilence(moment: Moment, place: DatagramPlace): Promise<Done> {
  const done = await untilRecorded(moment, async (): Promise<Done | null> => {
    const next = await nextDatagram(moment, place)
    if (!next.ok) return faulty(next.fault)
    const { found } = next.value
    return found === null
      ? null
      : failed(`A datagram of ${found.lengthBytes} B came from ${found.peer ?? ''}, expected nothing.`)
  })
  return done ?? passed(`nothing within ${formatDuration(moment.withinMs)}`)
}

/** What ICMP brings in is in the record alone. */
export async function expectUdpError(moment: Moment, place: DatagramPlace, code: string): Promise<Done> {
  const { ground } = moment.places
  const done = await untilRecorded(moment, async (): Promise<Done | null> => {
    const next = await firstRow(ground, place.id as DatagramId, place.nextFailure, (row) =>
      row.kind === 'event' && row.event.what === 'failed' ? row.event.fault.code : null,
    )
    if (!next.ok) return faulty(next.fault)
    const { found } = next.value
    place.nextFailure = next.value.next
    if (found === null) return null
    return found === code ? passed() : failed(`It failed with ${found}, expected ${code}.`)
  })
  return done ?? failed(`There was no error within ${formatDuration(moment.withinMs)}, expected ${code}.`)
}

function nextDatagram({ places }: Moment, place: DatagramPlace) {
  return firstRow(places.ground, place.id as DatagramId, place.nextRow, (row): DataRow | null =>
    row.kind === 'data' && row.direction === 'in' ? row : null,
  )
}

function compare(came: Uint8Array, expectation: Expectation): Done {
  switch (expectation.is) {
    case 'text':
    case 'hex': {
      const { bytes } = expectation
      const first = firstDifference(came, bytes)
      const isSame = first < 0 && came.length === bytes.length
      if (isSame) return passed(`${came.length} B`)
      const offset = first < 0 ? Math.min(came.length, bytes.length) : first
      const difference = differenceAt(offset, bytes, came.subarray(contextFrom(offset)), came.length)
      return failed(
        first < 0
          ? `The datagram has ${came.length} bytes, expected ${bytes.length}.`
          : `Byte ${offset} of the datagram is another than expected.`,
        difference,
      )
    }
    case 'length': {
      const { lengthBytes } = expectation
      return came.length === lengthBytes
        ? passed(`${lengthBytes} B`)
        : failed(`The datagram has ${came.length} bytes, expected ${lengthBytes}.`)
    }
    case 'regex': {
      const end = endOfMatch(expectation.source, expectation.flags, came)
      if (end !== null && end >= 0) return passed(`${came.length} B`)
      const difference = differenceAt(0, new Uint8Array(0), came, came.length)
      return failed(`The datagram does not fit /${expectation.written}/.`, difference)
    }
    default:
      return failed('That is nothing to expect of a datagram.')
  }
}
