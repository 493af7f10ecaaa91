import type { Field } from './field'

/** A field in its place: nodes stand in the order in which a tree shows them, each before its children. */
export interface FieldNode {
  readonly field: Field
  readonly level: number
  /** The node it is a part of, -1 at the top. */
  readonly parent: number
}

export function flatten(fields: readonly Field[]): readonly FieldNode[] {
  const nodes: FieldNode[] = []
  const add = (those: readonly Field[], level: number, parent: number): void => {
    for (const field of those) {
      const at = nodes.push({ field, level, parent }) - 1
      if (field.children !== undefined) add(field.children, level + 1, at)
    }
  }
  add(fields, 1, -1)
  return nodes
}

/** The deepest field that holds a byte, of several the shortest; -1 where none does. */
export function innermostAt(nodes: readonly FieldNode[], byte: number): number {
  let best = -1
  nodes.forEach(({ field, level }, at) => {
    if (byte < field.from || byte >= field.to) return
    const held = nodes[best]
    const length = held === undefined ? Infinity : held.field.to - held.field.from
    if (held === undefined || level > held.level || (level === held.level && field.to - field.from < length))
      best = at
  })
  return best
}

/** One line a field, indented, with its bytes. */
export function treeText(fields: readonly Field[]): string {
  return flatten(fields)
    .map(({ field: { name, value, from, to, problem }, level }) => {
      const told = [value, problem].filter((each) => each !== undefined && each !== '').join(' -- ')
      return `${'  '.repeat(level - 1)}${name}${told === '' ? '' : `: ${told}`} [${from}..${to})`
    })
    .join('\n')
}
