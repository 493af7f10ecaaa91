import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { listLessons } from '../../main/lesson/listLessons'
import { shippedLessons } from '../../main/lesson/shipped'
import { toFault } from '../../main/engine/fault'
import { FaultError } from '../../shared/model/fault'
import { type LessonCard } from '../../shared/model/lesson'
import { exitCodes, type ExitCode } from '../exitCodes'
import { ownLessons } from '../ownLessons'
import { type Terminal } from '../terminal'

export interface LessonsOptions {
  readonly folder?: string
  readonly json?: boolean
}

interface Listed extends LessonCard {
  readonly path: string
}

/** Lists the lessons there are, a line for each. */
export async function listAll({ folder, json }: LessonsOptions, terminal: Terminal): Promise<ExitCode> {
  const lessons = folder === undefined ? await allLessons() : await lessonsAt(folder)
  if (json === true) await terminal.stdout.line(JSON.stringify({ lessons }))
  else for (const line of linesOf(lessons, terminal)) await terminal.stdout.line(line)
  return lessons.some(({ problem }) => problem !== undefined) ? exitCodes.differed : exitCodes.done
}

async function allLessons(): Promise<readonly Listed[]> {
  return [
    ...(await lessonsIn(shippedLessons(import.meta.url), false)),
    ...(await lessonsIn(ownLessons(), true)),
  ]
}

/** Of a folder that the user named, which must be there. */
async function lessonsAt(folder: string): Promise<readonly Listed[]> {
  try {
    await stat(folder)
  } catch (error) {
    throw new FaultError(toFault(error, { endpoint: folder }))
  }
  return lessonsIn(folder, true)
}

async function lessonsIn(folder: string, isOwn: boolean): Promise<readonly Listed[]> {
  const cards = await listLessons(folder, isOwn)
  return cards.map((card) => ({ ...card, path: resolve(join(folder, card.id)) }))
}

function linesOf(lessons: readonly Listed[], { paint }: Terminal): string[] {
  if (lessons.length === 0) return ['There are no lessons.']
  const width = Math.max(...lessons.map(({ id }) => id.length))
  return [
    ...lessons.map(({ id, minutes, title, teaches, problem }) =>
      problem === undefined
        ? `${id.padEnd(width)}  ${`${minutes} min`.padStart(7)}  ${title}: ${paint('dim', teaches)}`
        : `${id.padEnd(width)}  ${paint('red', `cannot be read: ${problem}`)}`,
    ),
    '',
    `switchboard run ${lessons[0]?.path ?? ''} runs the first.`,
  ]
}
