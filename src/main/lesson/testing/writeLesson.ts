import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export const experimentText = `switchboard: 1
name: Upper case
endpoints:
  server: { listen: 'tcp://127.0.0.1:0', behaviour: upper }
  alice: { dial: 'tcp://127.0.0.1:{server.port}' }
steps:
  - part: listen
  - open: server
  - part: talk
  - open: alice
  - send: alice
    text: hello
  - expect: alice
    text: HELLO
    took: answered
`

export const lessonText = `---
lesson: 1
title: Upper case
teaches: What goes in small comes out large.
minutes: 2
---

# Listen

\`\`\`do listen
\`\`\`

Port {server.port}.

![A circle](circle.svg)

## Talk

\`\`\`do talk
\`\`\`

It took {answered}.
`

export const circle = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg>\n'

/**
 * Writes a lesson that passes, and answers its folder.
 * @param files what is otherwise in it, by their names; null for what is not there
 */
export async function writeLesson(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array | null>> = {},
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const all = {
    'lesson.md': lessonText,
    'experiment.yaml': experimentText,
    'circle.svg': circle,
    ...files,
  }
  for (const [name, content] of Object.entries(all)) {
    if (content === null) continue
    const file = join(folder, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
  return folder
}
