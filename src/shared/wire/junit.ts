import { visibleText } from './escape'

/** One test of a JUnit report. */
export interface JunitCase {
  readonly name: string
  /** Where it was measured. */
  readonly seconds?: number
  readonly line?: number
  /** `failure`: it ran and was not as expected; `error`: it could not run. */
  readonly outcome:
    | 'passed'
    | 'skipped'
    | {
        readonly is: 'failure' | 'error'
        readonly message: string
        readonly detail: string
        /** A word for what kind of failure it is. */
        readonly type?: string
      }
}

export interface JunitSuite {
  readonly name: string
  readonly file: string
  /** Of all; else those of the cases together. */
  readonly seconds?: number
  readonly cases: readonly JunitCase[]
}

/** A report as Jenkins, GitLab and others read it (the form of Ant's JUnit task). */
export function junitXml({ name, file, cases, seconds: all }: JunitSuite): string {
  const count = (fits: (outcome: JunitCase['outcome']) => boolean): number =>
    cases.filter((each) => fits(each.outcome)).length
  const counts = [
    ['tests', cases.length],
    ['failures', count((outcome) => typeof outcome === 'object' && outcome.is === 'failure')],
    ['errors', count((outcome) => typeof outcome === 'object' && outcome.is === 'error')],
    ['skipped', count((outcome) => outcome === 'skipped')],
    ['time', seconds(all ?? cases.reduce((sum, each) => sum + (each.seconds ?? 0), 0))],
  ] as const
  const attributes = counts.map(([key, value]) => ` ${key}="${value}"`).join('')
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes}>`,
    `  <testsuite name="${escape(name)}"${attributes}>`,
    ...cases.map((each) => caseXml(each, name, file)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function caseXml(each: JunitCase, suite: string, file: string): string {
  const line = each.line === undefined ? '' : ` line="${each.line}"`
  const time = each.seconds === undefined ? '' : ` time="${seconds(each.seconds)}"`
  const head = `    <testcase name="${escape(each.name)}" classname="${escape(suite)}" file="${escape(file)}"${line}${time}`
  const { outcome } = each
  if (outcome === 'passed') return `${head}/>`
  if (outcome === 'skipped') return `${head}><skipped/></testcase>`
  const { is, message, detail, type } = outcome
  const kind = type === undefined ? '' : ` type="${escape(type)}"`
  return `${head}><${is} message="${escape(message)}"${kind}>${escape(detail)}</${is}></testcase>`
}

const seconds = (value: number): string => value.toFixed(6)

/** XML 1.0 has no way to write most control characters, nor half of a surrogate pair: they are shown as escapes. */
function escape(text: string): string {
  return visibleText(text, 'lines')
    .replace(/[\ufffe\uffff]|\p{Surrogate}/gu, (each) => `\\u${each.charCodeAt(0).toString(16)}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\t', '&#9;')
}
