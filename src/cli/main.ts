import { run } from './run'

/** The command line's entry: `switchboard …`. Exits at once when done: an open stdin must not hold it. */
process.exit(await run(process.argv.slice(2)))
