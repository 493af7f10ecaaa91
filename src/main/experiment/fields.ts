import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { parseDuration } from '../../shared/wire/duration'
import { type Complaints } from './complaints'
import { nearest } from './nearest'
import { describeNode, offsetOf, shown, type YamlText } from './yamlText'

/** A value with its place: what it is, and how it is called in a message. */
export interface Field {
  readonly key: string
  readonly node: Node | null
  /** Where to point: the value, or its key where there is none. */
  readonly offset: number
  /** Of its key, where it has one. */
  readonly keyOffset: number
}

/** Reads values out of nodes. What is not as it should be is complained of, and undefined answered. */
export class Fields {
  readonly complaints: Complaints
  readonly #yaml: YamlText

  constructor(yaml: YamlText, complaints: Complaints) {
    this.#yaml = yaml
    this.complaints = complaints
  }

  get top(): Field {
    const node = this.#yaml.meant(this.#yaml.top)
    const offset = offsetOf(node) ?? 0
    return { key: '', node, offset, keyOffset: offset }
  }

  complain(field: Field, message: string): undefined {
    this.complaints.add(field.offset, field.key, message)
    return undefined
  }

  /** @param expected goes on after "expected": `text in quotes` */
  wrong(field: Field, expected: string): undefined {
    return this.complain(field, `found ${describeNode(field.node)}, expected ${expected}.`)
  }

  /**
   * The values of a map by their keys.
   * @param known null where names are the user's own
   */
  map(field: Field, expected: string, known: readonly string[] | null): Map<string, Field> | undefined {
    if (!isMap(field.node)) return this.wrong(field, expected)
    const values = new Map<string, Field>()
    for (const pair of field.node.items) {
      const keyNode = this.#yaml.meant(pair.key)
      const offset = offsetOf(keyNode) ?? field.offset
      const name = isScalar(keyNode) && typeof keyNode.value === 'string' ? keyNode.value : null
      if (name === null) {
        this.complaints.add(offset, field.key, `found ${describeNode(keyNode)} as a key, expected a word.`)
        continue
      }
      if (name === '<<') {
        this.complaints.add(offset, field.key, MERGED)
        continue
      }
      const key = field.key === '' ? short(name) : `${field.key}.${short(name)}`
      if (values.has(name)) {
        this.complaints.add(offset, key, 'is there twice; a key may be given once.')
        continue
      }
      const node = this.#yaml.meant(pair.value)
      values.set(name, { key, node, offset: offsetOf(node) ?? offset, keyOffset: offset })
    }
    if (known !== null) this.onlyKnown(values, known)
    return values
  }

  /** Complains of keys that are none of the known ones, with the nearest that is. */
  onlyKnown(values: ReadonlyMap<string, Field>, known: readonly string[]): void {
    for (const [name, { key, keyOffset }] of values) {
      if (known.includes(name)) continue
      const near = nearest(name, known)
      const meant = near === null ? `known here: ${known.join(', ')}.` : `did you mean ${near}?`
      this.complaints.add(keyOffset, key, `there is no such key; ${meant}`)
    }
  }

  /** The keys of a map that are words, whatever their values. */
  names(field: Field): string[] {
    if (!isMap(field.node)) return []
    return field.node.items.flatMap(({ key }) => {
      const node = this.#yaml.meant(key)
      return isScalar(node) && typeof node.value === 'string' ? [node.value] : []
    })
  }

  /** @param most that many at most */
  list(field: Field, expected: string, most: number): Field[] | undefined {
    if (!isSeq(field.node)) return this.wrong(field, expected)
    const { items } = field.node
    if (items.length > most)
      return this.complain(field, `has ${items.length} entries; at most ${most} are taken.`)
    return items.map((item, index) => {
      const node = this.#yaml.meant(item)
      const offset = offsetOf(node) ?? field.offset
      return { key: `${field.key}[${index + 1}]`, node, offset, keyOffset: offset }
    })
  }

  text(field: Field, expected = 'text, in quotes where it looks like something else'): string | undefined {
    const value = this.#scalar(field)
    return typeof value === 'string' ? value : this.wrong(field, expected)
  }

  flag(field: Field): boolean | undefined {
    const value = this.#scalar(field)
    return typeof value === 'boolean' ? value : this.wrong(field, 'true or false')
  }

  whole(field: Field, least: number, most: number): number | undefined {
    const value = this.#scalar(field)
    const isFine = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
    return isFine ? value : this.wrong(field, `a whole number from ${least} to ${most}`)
  }

  duration(field: Field): number | undefined {
    const value = this.#scalar(field)
    const ms = typeof value === 'string' ? parseDuration(value) : null
    return ms ?? this.wrong(field, 'a time with its unit, as 100ms, 1.5s or 2m')
  }

  choice<Choice extends string>(field: Field, choices: readonly Choice[]): Choice | undefined {
    const value = this.#scalar(field)
    const found = choices.find((each) => each === value)
    return found ?? this.wrong(field, choices.join(' or '))
  }

  /** Text, a number, true or false; anything else is complained of as no value. */
  scalar(field: Field): boolean | number | string | undefined {
    const value = this.#scalar(field)
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    return isPlain ? value : this.wrong(field, 'a value')
  }

  #scalar(field: Field): unknown {
    return isScalar(field.node) ? field.node.value : undefined
  }
}

const MERGED = 'has a merge key (<<), which YAML 1.2 does not know: write its keys out.'

const short = (name: string): string => (/^[\w-]{1,40}$/.test(name) ? name : shown(name))
