export const EXIT_CODES = `
Exit codes:
  0  done and as expected
  1  it ran, but something was not as expected
  2  it could not run; one line on stderr says why`

export const LISTEN_NOTES = `
The first line on stdout is "listening on URL" with the port that was bound. Ctrl-C closes everything and keeps the recording.
When a caller has finished, so do we, and the call is over. At a group's address (udp://239.1.2.3:5000, udp://[ff02::5%eth0]:5000) the group is joined.
With udp://, unixgram: and raw:// each datagram is answered by itself, to where it came from; whoever has no name there is not answered.${EXIT_CODES}`

export const RUN_NOTES = `
A line for each step; the first that fails ends the run, and its sockets are closed. docs/experiments.md tells how such a file is written.
What is wrong with a file is told as FILE:LINE:COLUMN: KEY: what, all of it at once. Ctrl-C stops the run and keeps the recording.
Of a lesson the text is checked too; its headings stand between the steps, and below them what was measured that the text speaks of.
It fails if something of that was not measured although its step was taken. docs/lessons.md tells how a lesson is written.${EXIT_CODES}`

export const LESSONS_NOTES = `
switchboard run FOLDER runs one of them; the window shows them (Lessons).
Exit codes:
  0  all of them can be read
  1  one cannot; its line says why
  2  they could not be listed; one line on stderr says why`

export const PROGRAM_NOTES = `
The program needs nothing but its language's own library. It ends with 0 when all came as expected, else with 1 and one line on stderr.
A client takes host and port (or a path) from its command line, a server likewise; a server prints "listening on HOST PORT" first.
What the language cannot do is said in a comment there, and on stderr. docs/programs.md tells more.${EXIT_CODES}`

export const EXPORT_NOTES = `
Formats:
  pcapng  packets for Wireshark, with checksums; of a connection whose both ends are in the session one end is written
  json    one document: { application, beganAtUtc, sockets, rows }
  csv     a line for each row: id, row, time_s, utc, kind, direction, offset, length, peer, text, hex
  text    a transcript, text with escapes
  hex     a hex dump, chunk by chunk
  raw     the bytes of one connection, in the order recorded
  svg     the ladder: a picture of what went when from end to end; with --connection, of that one and its other end
  mermaid the same as text, a sequence diagram for Mermaid
  experiment  steps that do the same again, for switchboard run: what was sent is sent, what came is expected
  python, node, c  a program that does the same again; with --connection, its side alone: what dialled takes host and port
The file is there only once it is whole; one that is there already is replaced.${EXIT_CODES}`

export const REPLAY_NOTES = `
As client it calls --target and sends what was sent then; as server it prints "listening on URL" first, takes as many callers as
were recorded, and ends when all have been served; as both it plays each side against the other on this machine.
What comes is compared with what was recorded, byte by byte, and so is how each connection ends. All is recorded again (--record).
A mask lets bytes differ: a range as many bytes, an expression (JavaScript's, over bytes) its matches, of whatever length.
--set changes the first group (else all) of each match, within one recorded send; --capture takes the last match before that send.
  replay s.swb --as client --target URL --capture 'id=/id=(\\w+)/' --set '/id=(\\w+)/={id}'
Exit codes:
  0  all was as recorded
  1  it was played, and something differs, or it was stopped
  2  it could not be played; one line on stderr says why`

export const DIAL_NOTES = `
A stream: when stdin ends we send FIN and go on reading; it ends when the peer has finished too.
  The exit code is 0 after FIN, 1 after a reset or a timeout, 2 where no connection came about.
Datagrams (udp://, unixgram:, raw://): each line of stdin, with its line ending, is one datagram (one of more than 65,507 bytes
  goes in several, and stderr says so). It ends --idle seconds after the last one came or went, once stdin has ended, or on Ctrl-C. The exit code is 1 where a datagram could not be sent or was refused.`

export const IMPORT_NOTES = `
Each connection is seen from the side that dialled. Bytes that the capture does not hold are told as gaps; offsets count captured bytes only.
Warnings tell what was left out and why; the exit code is 0 all the same. Ctrl-C removes what was written.${EXIT_CODES}`
