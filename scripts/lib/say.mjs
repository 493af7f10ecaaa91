/** @type {NodeJS.WritableStream} */
let stream = process.stdout

/** The command line keeps stdout for its results: there, the set-up speaks on stderr. */
export function speakOnStderr() {
  stream = process.stderr
}

/** One line about something the set-up does or finds. @param {string} line */
export function say(line) {
  stream.write(`set-up: ${line}\n`)
}

/** A failure with a message meant for people: shown without a stack. */
export class SetupError extends Error {}
