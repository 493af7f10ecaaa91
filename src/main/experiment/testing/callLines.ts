import { type ScriptedCall } from '../../../shared/model/experiment'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Lines with the names on the left of `=`, and the call. */
export const taken: readonly (readonly [line: string, names: readonly string[], of: ScriptedCall])[] = [
  [
    'phone = socket.socket(socket.AF_INET, socket.SOCK_STREAM)',
    ['phone'],
    { call: 'socket', family: 'AF_INET', type: 'SOCK_STREAM', protocol: '0' },
  ],
  [
    'p=socket( AF_INET , SOCK_RAW, IPPROTO_ICMP )',
    ['p'],
    { call: 'socket', family: 'AF_INET', type: 'SOCK_RAW', protocol: 'IPPROTO_ICMP' },
  ],
  [
    'phone.bind(("127.0.0.1", 0))',
    [],
    { call: 'bind', on: 'phone', address: { is: 'tuple', host: '127.0.0.1', port: '0' } },
  ],
  [
    "s.bind('{temp.path}/phone')",
    [],
    { call: 'bind', on: 's', address: { is: 'path', path: '{temp.path}/phone' } },
  ],
  ['s.bind("\\0name")', [], { call: 'bind', on: 's', address: { is: 'path', path: '\0name' } }],
  [
    'e = a.connect_ex(phone.getsockname())',
    ['e'],
    { call: 'connect_ex', on: 'a', address: { is: 'getsockname', of: 'phone' } },
  ],
  ['phone.listen(5)', [], { call: 'listen', on: 'phone', backlog: 5 }],
  ['line, peer = phone.accept()', ['line', 'peer'], { call: 'accept', on: 'phone' }],
  [
    'data = line.recv(1_024, socket.MSG_PEEK | MSG_DONTWAIT)',
    ['data'],
    { call: 'recv', on: 'line', bufsize: 1024, flags: ['MSG_PEEK', 'MSG_DONTWAIT'] },
  ],
  ['n = line.send(b"a\\x00\\n\\"")', ['n'], { call: 'send', on: 'line', bytes: utf8('a\0\n"'), flags: [] }],
  ["line.sendall(b'ab' * 3)", [], { call: 'sendall', on: 'line', bytes: utf8('ababab'), flags: [] }],
  ['line.send(b"")', [], { call: 'send', on: 'line', bytes: new Uint8Array(0), flags: [] }],
  [
    'u.sendto(b"hi", socket.MSG_DONTWAIT, ("::1", 9))',
    [],
    {
      call: 'sendto',
      on: 'u',
      bytes: utf8('hi'),
      flags: ['MSG_DONTWAIT'],
      address: { is: 'tuple', host: '::1', port: '9' },
    },
  ],
  ['line.shutdown(socket.SHUT_WR)', [], { call: 'shutdown', on: 'line', how: 'SHUT_WR' }],
  ['line.setblocking(False)', [], { call: 'setblocking', on: 'line', flag: false }],
  ['line.settimeout(0.5)', [], { call: 'settimeout', on: 'line', seconds: 0.5 }],
  ['line.settimeout(None)', [], { call: 'settimeout', on: 'line', seconds: null }],
  [
    'phone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)',
    [],
    { call: 'setsockopt', on: 'phone', option: 'SO_REUSEADDR', value: 1 },
  ],
  [
    'line.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))',
    [],
    { call: 'setsockopt', on: 'line', option: 'SO_LINGER', value: [1, 0] },
  ],
  [
    'size = phone.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)',
    ['size'],
    { call: 'getsockopt', on: 'phone', option: 'SO_RCVBUF' },
  ],
  ['phone.close()', [], { call: 'close', on: 'phone' }],
]

/** Lines with what is said of them. */
export const rejected: readonly (readonly [line: string, message: string])[] = [
  ['', 'is no call'],
  ['socket(AF_INET, SOCK_STREAM)', 'makes a socket that has no name'],
  ['p = socket(AF_INET4, SOCK_STREAM)', 'did you mean AF_INET?'],
  ['p = socket(AF_INET)', 'expected a comma and another argument'],
  ['phone.recieve(4)', 'recieve is no call that is known here'],
  ['phone.acept()', 'did you mean accept?'],
  ['recv(4)', 'is made on a socket'],
  ['phone.bind("127.0.0.1", 0)', 'has , 0)'],
  ['phone.bind(("127.0.0.1", 70000))', 'has port 70000'],
  ['phone.bind(("127.0.0.1", -1))', 'expected a port'],
  ['phone.recv(99999999999)', 'expected a whole number from 0 to 16777216'],
  ['phone.send("text")', 'expected bytes'],
  ['phone.send(b"é")', 'no ASCII'],
  ['phone.send(b"\\q")', '\\q, which is no escape'],
  ['phone.send(b"never ends)', 'expected the end of the quotes'],
  ['phone.send(b"xxxxxxxxxx" * 99999999)', 'at most 16777216'],
  ['phone.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1))', 'expected a comma and another argument'],
  ['phone.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0, 2))', 'expected )'],
  ['phone.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("q", 1))', 'expected a whole number'],
  ['phone.close(); import os', 'has more than one call'],
  ['phone.recv(4, MSG_WAITAL)', 'did you mean MSG_WAITALL?'],
  ['a, b, c = phone.accept()', 'more than two names'],
]

/** Reads lines, and prints the bytes of those that send some, as Python itself understands them. */
export const callPy = `
import ast, json, sys
out = []
for line in json.load(sys.stdin):
    for node in ast.walk(ast.parse(line)):
        if isinstance(node, ast.Call) and getattr(node.func, 'attr', '') in ('send', 'sendall', 'sendto'):
            out.append([line, eval(compile(ast.Expression(node.args[0]), '', 'eval')).hex()])
json.dump(out, sys.stdout)
`
