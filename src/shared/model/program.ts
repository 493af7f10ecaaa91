export const programLanguages = ['python', 'node', 'c'] as const
export type ProgramLanguage = (typeof programLanguages)[number]

/** An experiment, or one side of it, as a program. */
export interface Program {
  readonly language: ProgramLanguage
  /** The only endpoint that it is; null where it is all of the experiment. */
  readonly only: string | null
  /** The endpoints that can be a program of their own. */
  readonly sides: readonly string[]
  /** `phone-call.py` */
  readonly fileName: string
  /** How it is run, a command a line: `cc -o phone-call phone-call.c`, `./phone-call`. */
  readonly run: readonly string[]
  readonly lines: readonly ProgramLine[]
  /** What of the experiment it leaves out or does otherwise, and why. */
  readonly notes: readonly string[]
}

export interface ProgramLine {
  readonly text: string
  /** What the line does, in a sentence; empty where the line before says it, or there is nothing to say. */
  readonly about: string
  /** The experiment's steps that it belongs to, counted from 0. */
  readonly steps: readonly number[]
}

/** The program's text, as a file has it. */
export function programText({ lines }: Program): string {
  return lines.map(({ text }) => `${text}\n`).join('')
}
