import { type Endpoint, hasPort, isDatagramEndpoint } from '../../shared/model/endpoint'
import { MAX_ENDPOINTS, type ExperimentEndpoint } from '../../shared/model/experiment'
import { parseBehaviour, parseDatagramBehaviour } from '../behaviours/behaviours'
import { type Field, type Fields } from './fields'
import { readDialOptions, readListenOptions, readUdpOptions } from './options'
import {
  mayRefer,
  ownNames,
  parseWithStandIns,
  referenceParts,
  referencesIn,
  withStandIns,
} from './references'
import { nearest } from './nearest'
import { shown } from './yamlText'

const KEYS = ['listen', 'dial', 'behaviour', 'options'] as const

/** An endpoint of the file, with what later checks need to point at. */
export interface ReadEndpoint {
  readonly endpoint: ExperimentEndpoint
  readonly address: Field
  readonly behaviour: Field | undefined
}

/** @param made names of sockets that calls make: an address may refer to them */
export function readEndpoints(
  fields: Fields,
  field: Field,
  made: ReadonlySet<string>,
): Map<string, ReadEndpoint> {
  const read = new Map<string, ReadEndpoint>()
  const values = fields.map(field, 'names of endpoints, each with what it listens on or dials', null)
  if (values === undefined) return read
  if (values.size > MAX_ENDPOINTS)
    fields.complain(field, `has ${values.size} entries; at most ${MAX_ENDPOINTS} are taken.`)
  for (const [name, each] of [...values].slice(0, MAX_ENDPOINTS)) {
    if (!/^[A-Za-z_][\w-]{0,63}$/.test(name)) {
      fields.complain(
        each,
        `${shown(name)} is no name for an endpoint: letters, digits, - and _, a letter first.`,
      )
    } else if (Object.hasOwn(ownNames, name)) {
      fields.complain(
        each,
        `${name} is a name of its own: {${name}.${ownNames[name]}}. Give the endpoint another.`,
      )
    } else {
      const endpoint = readEndpoint(fields, name, each)
      if (endpoint !== undefined) read.set(name, endpoint)
    }
  }
  const names = [...values.keys()]
  for (const { address, behaviour, endpoint } of read.values()) {
    const { name } = endpoint
    checkReferences(fields, address, { name, text: endpoint.address }, read, names, made)
    if (behaviour !== undefined && endpoint.kind !== 'dialled' && mayRefer(endpoint.behaviour))
      checkReferences(fields, behaviour, { name, text: endpoint.behaviour }, read, names, made)
  }
  return read
}

function readEndpoint(fields: Fields, name: string, field: Field): ReadEndpoint | undefined {
  const values = fields.map(field, 'listen or dial, with an address', KEYS)
  if (values === undefined) return undefined
  const listen = values.get('listen')
  const dial = values.get('dial')
  if (listen !== undefined && dial !== undefined)
    return fields.complain(dial, 'an endpoint listens or dials, not both: keep one of the two.')
  const address = listen ?? dial
  if (address === undefined) {
    // A misspelt key is complained of already.
    const isMisspelt = [...values.keys()].some((key) => nearest(key, ['listen', 'dial']) !== null)
    return isMisspelt ? undefined : fields.complain(field, 'lacks listen or dial, with an address.')
  }
  const text = fields.text(
    address,
    'an address: tcp://host:port, udp://host:port, unix:/path, unixgram:/path or raw://host/protocol',
  )
  if (text === undefined) return undefined
  const parsed = parseWithStandIns(text)
  if (!parsed.ok) {
    return fields.complain(address, [parsed.fault.summary, parsed.fault.hint].filter(Boolean).join(' '))
  }
  const behaviour = readBehaviour(fields, values.get('behaviour'), dial !== undefined, parsed.value)
  const options = values.get('options')
  const isDatagram = isDatagramEndpoint(parsed.value)
  const endpoint: ExperimentEndpoint = isDatagram
    ? {
        kind: 'udp',
        name,
        address: text,
        isConnected: dial !== undefined,
        behaviour,
        options: options === undefined ? {} : readUdpOptions(fields, options),
      }
    : dial !== undefined
      ? {
          kind: 'dialled',
          name,
          address: text,
          options: options === undefined ? {} : readDialOptions(fields, options),
        }
      : {
          kind: 'listener',
          name,
          address: text,
          behaviour,
          options: options === undefined ? {} : readListenOptions(fields, options),
        }
  if (dial !== undefined && hasPort(parsed.value) && parsed.value.port === 0)
    fields.complain(
      address,
      'port 0 is nothing to dial; to dial what an endpoint here is bound to, write {NAME.port}.',
    )
  return { endpoint, address, behaviour: values.get('behaviour') }
}

function readBehaviour(fields: Fields, field: Field | undefined, isDialled: boolean, at: Endpoint): string {
  if (field === undefined) return 'none'
  if (isDialled)
    fields.complain(field, 'a behaviour is what a listener does with those who call; this one dials.')
  const text = fields.text(field, 'the name of a behaviour')
  if (text === undefined) return 'none'
  const written = mayRefer(text) ? withStandIns(text) : text
  const parsed = isDatagramEndpoint(at) ? parseDatagramBehaviour(written) : parseBehaviour(written)
  if (!parsed.ok) fields.complain(field, [parsed.fault.summary, parsed.fault.hint].filter(Boolean).join(' '))
  return text
}

function checkReferences(
  fields: Fields,
  field: Field,
  { name, text }: { readonly name: string; readonly text: string },
  read: ReadonlyMap<string, ReadEndpoint>,
  names: readonly string[],
  made: ReadonlySet<string>,
): void {
  for (const reference of referencesIn(text)) {
    const { written } = reference
    if (reference.part === null) {
      fields.complain(
        field,
        `${shown(written, '')} names nothing: write {NAME.PART}, with one of ${referenceParts}.`,
      )
      continue
    }
    const target = read.get(reference.name)?.endpoint
    if (made.has(reference.name) || Object.hasOwn(ownNames, reference.name)) continue
    if (target === undefined) {
      if (names.includes(reference.name)) continue // complained of already
      const near = nearest(reference.name, names)
      fields.complain(
        field,
        `${shown(written, '')} refers to no endpoint here${near === null ? '.' : `; did you mean ${near}?`}`,
      )
    } else if (reference.name === name) {
      fields.complain(field, `${written} refers to the endpoint itself.`)
    } else if (target.kind === 'dialled') {
      fields.complain(
        field,
        `${written} refers to ${target.name}, which dials; only what is bound has an address to refer to.`,
      )
    } else if ((reference.part === 'path') !== /^\s*unix(gram)?:/i.test(target.address)) {
      fields.complain(field, `${written}: ${target.name} has no ${reference.part}.`)
    }
  }
}
