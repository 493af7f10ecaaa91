/** The most that one send command carries. Structured clone copies it twice on its way; files go by path instead. */
export const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024

/** The most rows, and the most bytes, that one read answers. A screenful is far below both. */
export const MAX_ROWS_A_READ = 512
export const MAX_BYTES_A_READ = 256 * 1024

/** What a pane's port may owe before the tail skips: about a second of a full screen. */
export const TAP_CREDIT_BYTES = 1024 * 1024

/** The most frames that one read answers; and when it has gone through so many bytes for them, it answers those it has. */
export const MAX_FRAMES_A_READ = 256
export const MAX_FRAME_BYTES_A_READ = 32 * 1024 * 1024

/** The most matches that one question answers. */
export const MAX_MATCHES_A_READ = 500

/** The most rows that one question to a filter answers: each may lie somewhere else. */
export const MAX_FILTERED_ROWS_A_READ = 256

/** The most outcomes of steps that one question answers. */
export const MAX_OUTCOMES_A_READ = 256

/** The most sockets whose rows are shown on one time axis. */
export const MAX_MERGED = 32

/** The most sockets that one question about throughput may name. */
export const MAX_IDS_A_QUESTION = 64

/** Characters of the JSON that says how a window is arranged. */
export const MAX_ARRANGEMENT_LENGTH = 60_000

/** The most connections that one question for a replay may name. */
export const MAX_REPLAYED = 10_000

/** The most masks, captures and settings that one replay may be given. */
export const MAX_MASKS = 64

/** The most sockets that a window looks at, and the most fields of one that it draws at once. */
export const MAX_LOOKED_AT = 500
export const MAX_KERNEL_FIELDS = 40
