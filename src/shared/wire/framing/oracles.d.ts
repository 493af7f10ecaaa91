// Other people's codecs, which the tests hold ours against.

declare module 'cobs' {
  const cobs: { encode(bytes: Buffer): Buffer }
  export default cobs
}

declare module 'slip' {
  const slip: { encode(bytes: Uint8Array): Uint8Array }
  export default slip
}
