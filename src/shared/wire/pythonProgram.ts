import { type BenchCall, variableOf } from '../model/bench'

/** What the program brings to make several calls at once, where the bench did. */
const HEAD = `#!/usr/bin/env python3
import socket
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(32)


def tried(call):
    """Makes a call of which an exception was the result, and shows it."""
    try:
        return call()
    except (OSError, KeyboardInterrupt) as error:
        print(f"  {type(error).__name__}: {error}")

`

/** When a line of the program is due. */
interface Moment {
  readonly at: number
  readonly call: BenchCall
  readonly act: 'whole' | 'begun' | 'joined'
}

/**
 * The calls of a bench as a program that runs. A call during which others were made runs in a thread of its own, from where it began
 * to where it came back; one that was cancelled is left out, since nobody would cancel it.
 */
export function pythonProgram(calls: readonly BenchCall[]): string {
  const lines: string[] = []
  const moments = calls
    .filter((call) => call.gave !== 'KeyboardInterrupt')
    .flatMap((call): Moment[] => {
      const isAround = calls.some(
        (other) =>
          other !== call && other.beganAtNanos > call.beganAtNanos && other.beganAtNanos < endOf(call),
      )
      const began = { at: call.beganAtNanos, call }
      // What made another call return has begun before that returned, and may have returned after it.
      if (!isAround) return [{ ...began, act: 'whole' }]
      return [
        { ...began, act: 'begun' },
        { at: endOf(call), call, act: 'joined' },
      ]
    })
    .toSorted((one, other) => one.at - other.at || one.call.number - other.call.number)
  for (const { call, act } of moments) {
    const { target, expression } = parts(call)
    const later = `call${call.number}`
    if (act === 'begun') lines.push(`${later} = pool.submit(lambda: ${expression})`)
    else lines.push(...made(call, target, act === 'joined' ? `${later}.result()` : expression))
  }
  const cancelled = calls.filter((call) => call.gave === 'KeyboardInterrupt')
  for (const call of cancelled) lines.push(`# ${call.python}  blocked until it was cancelled`)
  return `${HEAD}\n${lines.join('\n')}\n\npool.shutdown(wait=False)\n`
}

function endOf(call: BenchCall): number {
  return call.beganAtNanos + call.tookNanos
}

/** `s2, peer = s1.accept()` in its two halves. */
function parts({ python }: BenchCall): { readonly target: string; readonly expression: string } {
  const match = /^((?:\w+, )?\w+) = (.*)$/s.exec(python)
  return { target: match?.[1] ?? '', expression: (match?.[2] ?? python).replace(/ {2}# .*$/s, '') }
}

function made(call: BenchCall, target: string, expression: string): string[] {
  if (call.isRaised) return [`tried(lambda: ${expression})  # ${call.gave}`]
  const told = call.gave === 'None' ? '' : `  # ${call.gave}`
  if (target === '') {
    return [call.gave === 'None' ? expression : `print(${JSON.stringify(call.python)}, ${expression})${told}`]
  }
  const isShown = /^(data|n|errno|line)\b/.test(target)
  const name = target.split(',')[0] ?? target
  const isSocket = call.socket !== null && name === variableOf(call.socket)
  const lines = [`${target} = ${expression}${isSocket ? '' : told}`]
  if (isShown) lines.push(`print(${JSON.stringify(call.python)}, ${name})`)
  return lines
}
