/** The act that main asks of a page before its session ends: it keeps what has just changed, and says `session.flushed`. */
export const FLUSH_ACTION = 'session.flush'
