import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { programText, type Program } from '../../../shared/model/program'
import { start, type Counterpart } from '../../engine/testing/bench'

/** Programs as files in a folder of their own, which is gone at the end. */
export class Programs implements AsyncDisposable {
  readonly path: string
  #count = 0

  private constructor(at: string) {
    this.path = at
  }

  static async make(): Promise<Programs> {
    const at = await mkdtemp(path.join(tmpdir(), 'switchboard-programs-'))
    // What examples send.
    await copyFile('examples/hello.txt', path.join(at, 'hello.txt'))
    return new Programs(at)
  }

  /** Writes a program, and compiles it where that is needed; the command that runs it. Throws what a compiler warns of. */
  async command(program: Program): Promise<readonly string[]> {
    const file = path.join(this.path, `${++this.#count}-${program.fileName}`)
    // Its temporary folders are made in ours: then one sees whether it leaves any.
    await writeFile(file, programText(program).replace('"/tmp/experiment-', `"${this.path}/experiment-`))
    switch (program.language) {
      case 'python':
        return ['python3', '-W', 'error', file]
      case 'node':
        return [process.execPath, '--throw-deprecation', file]
      case 'c': {
        const to = file.replace(/\.c$/, '')
        const words = '-std=c11 -Wall -Wextra -Wpedantic -O0 -pthread'.split(' ')
        const compiled = await this.run(['cc', ...words, '-o', to, file])
        if (compiled.code !== 0 || compiled.said !== '') throw new Error(compiled.said)
        return [to]
      }
    }
  }

  /** Runs a command to its end. @returns its exit code, and what it said on stderr */
  async run([command = '', ...words]: readonly string[]): Promise<{
    readonly code: number | null
    readonly said: string
  }> {
    const env = { ...process.env, TMPDIR: this.path }
    const child = spawn(command, words, { cwd: this.path, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, said }
  }

  start([command = '', ...words]: readonly string[]): Counterpart {
    return start(command, words)
  }

  /** The folders in it: made by programs, and not removed by them. */
  left(): string[] {
    return readdirSync(this.path, { withFileTypes: true })
      .filter((each) => each.isDirectory())
      .map(({ name }) => name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}
