import { describe, expect, test } from 'vitest'
import { type OptionName, optionNames, optionsOf, socketOptions, type OptionValue } from './socketOptions'
import { formatOptionValue, nameOfValue, parseOptionValue } from './socketOptions/optionText'

describe('the table of socket options', () => {
  test('says of each what it means in one sentence, and where to read on', () => {
    for (const name of optionNames) {
      const { meaning, page, standard, on, when, form } = socketOptions[name]
      expect(meaning, name).toMatch(/^([A-Z]|[a-z0-9]+\(2\) ).*\.$/)
      expect(page, name).toMatch(/^(socket|tcp|ip|ipv6|udp|unix|raw)\(7\)$/)
      expect(standard, name).not.toBe('')
      expect(on.length, name).toBeGreaterThan(0)
      if (form === 'credentials') expect(when, name).toBe('never')
    }
  })

  test('tells which of them a socket has', () => {
    expect(optionsOf('tcp', 4)).toContain('IP_TTL')
    expect(optionsOf('tcp', 6)).not.toContain('IP_TTL')
    expect(optionsOf('tcp', 6)).toContain('IPV6_UNICAST_HOPS')
    expect(optionsOf('udp', 4)).not.toContain('TCP_NODELAY')
    expect(optionsOf('unix', null)).toContain('SO_PASSCRED')
    expect(optionsOf('unix', null)).not.toContain('SO_REUSEADDR')
    expect(optionsOf('tcpListener', 4)).toContain('TCP_FASTOPEN')
  })

  test.each<[OptionName, OptionValue, string]>([
    ['TCP_NODELAY', true, 'on'],
    ['SO_RCVBUF', 4096, '4096'],
    ['SO_LINGER', { isOn: true, seconds: 0 }, '0 s'],
    ['SO_LINGER', { isOn: false, seconds: 0 }, 'off'],
    ['SO_RCVTIMEO', 1.5, '1.5 s'],
    ['SO_RCVTIMEO', 0, 'none'],
    ['TCP_KEEPIDLE', 30, '30 s'],
    ['TCP_USER_TIMEOUT', 250, '250 ms'],
    ['SO_BINDTODEVICE', 'lo', 'lo'],
    ['SO_BINDTODEVICE', '', 'none'],
    ['IP_MULTICAST_IF', '127.0.0.1', '127.0.0.1'],
  ])('%s at %o reads "%s", and is read from it again', (name, value, text) => {
    expect(formatOptionValue(name, value)).toBe(text)
    expect(parseOptionValue(name, text)).toEqual({ ok: true, value })
  })

  test('takes a value by its name, too', () => {
    expect(parseOptionValue('IP_MTU_DISCOVER', 'ip_pmtudisc_do')).toEqual({ ok: true, value: 2 })
    expect(nameOfValue('IP_MTU_DISCOVER', 2)).toBe('IP_PMTUDISC_DO')
    expect(nameOfValue('SO_MAX_PACING_RATE', 2 ** 64)).toBe('no limit')
  })

  test.each<[OptionName, string, string]>([
    ['IP_TTL', '300', 'It takes a whole number of hops from 1 to 255'],
    ['IP_TTL', '', 'whole number'],
    ['TCP_NODELAY', 'maybe', 'on or off'],
    ['SO_LINGER', '-1', 'a number of seconds'],
    ['SO_PEERCRED', '1', 'only read'],
    ['IP_MULTICAST_IF', 'eth0', 'an IPv4 address'],
  ])('%s does not take "%s"', (name, text, said) => {
    const reply = parseOptionValue(name, text)
    expect(reply.ok ? '' : reply.fault.summary).toMatch(new RegExp(said, 'i'))
  })
})
