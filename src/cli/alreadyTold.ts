/** Ends a command with exit code 2: why, stands on stderr. */
export class AlreadyTold extends Error {}
