/** What a shell is told. Fixed: scripts rely on it. */
export const exitCodes = {
  /** Done and as expected. */
  done: 0,
  /** It ran, but an expectation failed: a wrong answer, a connection that was reset. */
  differed: 1,
  /** It could not run: bad arguments, a bad file, a port in use. */
  couldNotRun: 2,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
