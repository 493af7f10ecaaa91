import { sharingTest as test, expect } from '../drivers/test'
import { launchApp } from '../drivers/app'
import { callFromStranger, escapes, evaluateInWindow, watchEscapes } from '../drivers/hostile'
import { malform } from '../drivers/malformed'

test.use({ sharedBy: 'security' })

/** What a page may know of the world outside: a longer list is a decision, not an accident. */
const BRIDGE = ['call', 'host', 'onAction', 'onEvents', 'openDropped', 'platform']

test('every window is sandboxed, isolated and without Node', async ({ app }) => {
  const preferences = await app.electron.evaluate(({ BrowserWindow }) => {
    // Not documented, but the only place that tells what a window really runs with.
    type Telling = Electron.WebContents & { getLastWebPreferences(): Electron.WebPreferences }
    return BrowserWindow.getAllWindows().map(({ webContents }) =>
      (webContents as Telling).getLastWebPreferences(),
    )
  })
  expect(preferences).toHaveLength(1)
  for (const each of preferences) {
    expect(each).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
    })
  }
})

test('the page has the bridge’s names and nothing of Node or Electron', async ({ app }) => {
  const found = await app.window.evaluate(() => ({
    bridge: Object.keys(window.switchboard).sort(),
    foreign: ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'].filter(
      (name) => name in window,
    ),
  }))
  expect(found).toEqual({ bridge: BRIDGE, foreign: [] })
})

test('the bridge cannot be changed from the page', async ({ app }) => {
  const reply = await app.window.evaluate(async () => {
    const bridge = window.switchboard as unknown as Record<string, unknown>
    try {
      bridge['call'] = () => 'hijacked'
    } catch {
      // Frozen: in strict mode the assignment throws. What counts is what follows.
    }
    return await window.switchboard.call('socket.list', {})
  })
  expect(reply).toMatchObject({ ok: true })
})

test('every answer of the page’s scheme carries the strict policy, fresh random bytes, and no file beside the page’s own', async ({
  app,
}) => {
  const answers = await app.window.evaluate(async () => {
    const look = async (url: string) => {
      const response = await fetch(url)
      const text = await response.text()
      return {
        status: response.status,
        policy: response.headers.get('content-security-policy') ?? '',
        sniffing: response.headers.get('x-content-type-options'),
        type: response.headers.get('content-type'),
        hasPlaceholder: text.includes('__NONCE__'),
      }
    }
    const script = document.querySelector<HTMLScriptElement>('script[src]')?.src ?? ''
    return {
      first: await look('/'),
      second: await look('/index.html'),
      script: await look(script),
      missing: await look('/nothing.js'),
      above: await look('/..%2f..%2fpackage.json'),
      aside: await look('/%2e%2e/main/index.js'),
      map: await look(`${script}.map`),
    }
  })
  for (const each of Object.values(answers)) {
    expect(each.policy).toContain("default-src 'none'")
    expect(each.policy).toContain("require-trusted-types-for 'script'")
    expect(each.policy).not.toMatch(/unsafe|\*|https?:/)
    expect(each.sniffing).toBe('nosniff')
    expect(each.hasPlaceholder).toBe(false)
  }
  expect(answers.first.policy).not.toBe(answers.second.policy)
  expect(answers.first).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' })
  expect(answers.script).toMatchObject({ status: 200, type: 'text/javascript; charset=utf-8' })
  for (const { status } of [answers.missing, answers.above, answers.aside, answers.map])
    expect(status).toBe(404)
  // fetch tells a 404 on the console.
  expect(app.problems.splice(0).every((problem) => problem.includes('404'))).toBe(true)
})

test('injected script, eval, handlers, frames and requests to elsewhere come to nothing', async ({ app }) => {
  const outcome = await app.window.evaluate(async () => {
    const scope = window as unknown as { ran: string[] }
    scope.ran = []
    const attempts: Record<string, () => unknown> = {
      inlineScript: () => {
        const script = document.createElement('script')
        script.append("window.ran.push('inline script')")
        document.body.append(script)
      },
      innerHtml: () => {
        document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.ran.push(\'html\')">')
      },
      handler: () => {
        const button = document.createElement('button')
        button.setAttribute('onclick', "window.ran.push('handler')")
        document.body.append(button)
        button.click()
        button.remove()
      },
      evaluation: () => (0, eval)("window.ran.push('eval')"),
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- this is what must not work
      functionOfText: () => new Function("window.ran.push('function')")() as unknown,
      timeoutOfText: () => setTimeout("window.ran.push('timeout')" as unknown as () => void, 0),
      dataScript: () => {
        const script = document.createElement('script')
        script.src = "data:text/javascript,window.ran.push('data script')"
        document.body.append(script)
      },
      frame: () => {
        const frame = document.createElement('iframe')
        frame.srcdoc = "<script>parent.ran.push('frame')</script>"
        document.body.append(frame)
      },
      worker: () => new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))),
    }
    const refused: string[] = []
    // In a task of the page's own: what a debugger evaluates, as Playwright does, may use eval.
    await new Promise<void>((resolve) =>
      setTimeout(() => {
        for (const [name, attempt] of Object.entries(attempts)) {
          try {
            attempt()
          } catch {
            refused.push(name)
          }
        }
        resolve()
      }),
    )
    const request = async (url: string) => {
      try {
        await fetch(url, { mode: 'no-cors' })
        return 'answered'
      } catch {
        return 'refused'
      }
    }
    const requests = [
      await request('http://127.0.0.1:1/'),
      await request('https://127.0.0.1:1/'),
      await request('file:///etc/passwd'),
      await request('app://other/'),
    ]
    const socket = await new Promise<string>((resolve) => {
      try {
        const opened = new WebSocket('ws://127.0.0.1:1/')
        opened.onopen = () => resolve('open')
        opened.onerror = () => resolve('refused')
      } catch {
        resolve('refused')
      }
    })
    // Two turns of the task queue and a frame: whatever was going to run has run.
    await new Promise((resolve) => setTimeout(resolve, 0))
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)))
    for (const element of document.body.querySelectorAll(':scope > iframe, :scope > script, :scope > img'))
      element.remove()
    return { ran: scope.ran, refused, requests, socket }
  })
  expect(outcome.ran).toEqual([])
  expect(outcome.requests).toEqual(['refused', 'refused', 'refused', 'refused'])
  expect(outcome.socket).toBe('refused')
  // These throw; the others are ignored without a word to the caller.
  expect(outcome.refused).toEqual(expect.arrayContaining(['innerHtml', 'evaluation', 'functionOfText']))
  expect(app.problems.splice(0).length).toBeGreaterThan(0)
})

const ELSEWHERE = [
  'http://127.0.0.1:1/',
  'https://127.0.0.1:1/',
  'https://example.invalid/',
  'file:///etc/passwd',
  'data:text/html,<h1>x</h1>',
  'blob:app://switchboard/00000000-0000-0000-0000-000000000000',
  'javascript:document.title="x"',
  'ftp://127.0.0.1:1/',
  'app://other/index.html',
  'view-source:app://switchboard/',
  'chrome://version',
  'switchboard-test:x',
] as const

test('the window goes nowhere and opens nothing, by whatever way it is asked to', async () => {
  await using app = await launchApp()
  await watchEscapes(app)
  const home = app.window.url()
  await app.window.evaluate(() => void Object.assign(window, { stillHere: true }))
  for (const url of ELSEWHERE) {
    await app.window.evaluate((to) => {
      const safely = (act: () => unknown) => {
        try {
          act()
        } catch {
          // Some are refused by the page's own engine with an exception; refused is refused.
        }
      }
      safely(() => location.assign(to))
      safely(() => location.replace(to))
      safely(() => window.open(to))
      safely(() => window.open(to, '_self'))
      const link = document.createElement('a')
      safely(() => (link.href = to))
      document.body.append(link)
      safely(() => link.click())
      link.target = '_blank'
      safely(() => link.click())
      const form = document.createElement('form')
      safely(() => (form.action = to))
      document.body.append(form)
      safely(() => form.submit())
      form.remove()
      link.remove()
    }, url)
    // With real clicks, which carry the user's consent: plain, middle, and with Shift or Ctrl.
    await app.window.evaluate((to) => {
      const link = document.createElement('a')
      link.href = to
      link.id = 'elsewhere'
      link.textContent = 'elsewhere'
      link.style.cssText = 'position:fixed;inset:0;z-index:99999'
      document.body.append(link)
    }, url)
    // Not by a locator: that would wait for the navigation that was begun to end, which a refused one never does.
    const { mouse, keyboard } = app.window
    await mouse.click(200, 200)
    await mouse.click(200, 200, { button: 'middle' })
    for (const key of ['Shift', 'Control']) {
      await keyboard.down(key)
      await mouse.click(200, 200)
      await keyboard.up(key)
    }
    await app.window.evaluate(() => document.querySelector('#elsewhere')?.remove())
  }
  // An answer over the bridge comes after all that the page had asked for before it.
  expect(await app.window.evaluate(() => window.switchboard.call('socket.list', {}))).toMatchObject({
    ok: true,
  })
  expect(await escapes(app)).toEqual({ navigations: [], windows: 1, openedOutside: [] })
  expect(app.window.url()).toBe(home)
  expect(await app.window.evaluate(() => 'stillHere' in window)).toBe(true)
  expect(await app.window.evaluate(() => document.title)).toBe('Switchboard')
  app.problems.splice(0)
})

test('the empty page, for which Chromium asks nobody, is left again at once, and may give no commands', async () => {
  await using app = await launchApp()
  await watchEscapes(app)
  const home = app.window.url()
  await app.window.evaluate(() => window.switchboard.call('listener.open', { at: 'tcp://127.0.0.1:0' }))
  await app.window.evaluate(() => location.assign('about:blank'))
  await expect.poll(async () => (await escapes(app)).navigations.at(-1)).toBe(home)
  // By way of main: Playwright's own view of the page is in doubt after such a navigation.
  const listed = `switchboard.call('socket.list', {}).then((reply) => reply.value.sockets.map(({ id }) => id))`
  await expect.poll(() => evaluateInWindow(app, listed)).toEqual(['L1'])
})

test('of all pages outside, only those of the committed list open, in the user’s own browser', async ({
  app,
}) => {
  await watchEscapes(app)
  await app.window.evaluate(() => {
    for (const url of [
      'https://man7.org/linux/man-pages/man7/tcp.7.html',
      'https://man7.org/linux/man-pages/man7/tcp.7.html?',
      'https://man7.org.evil.invalid/linux/man-pages/man7/tcp.7.html',
      'http://man7.org/linux/man-pages/man7/tcp.7.html',
    ]) {
      window.open(url)
    }
  })
  await expect
    .poll(async () => (await escapes(app)).openedOutside)
    .toEqual(['https://man7.org/linux/man-pages/man7/tcp.7.html'])
  expect((await escapes(app)).windows).toBe(1)
})

test('no permission is given, asked for or not', async ({ app }) => {
  const given = await app.window.evaluate(async () => {
    const names = [
      'accelerometer',
      'background-sync',
      'camera',
      'clipboard-read',
      'clipboard-write',
      'geolocation',
      'gyroscope',
      'idle-detection',
      'local-fonts',
      'magnetometer',
      'microphone',
      'midi',
      'notifications',
      'payment-handler',
      'persistent-storage',
      'screen-wake-lock',
      'storage-access',
      'window-management',
    ]
    const granted: string[] = []
    for (const name of names) {
      try {
        const { state } = await navigator.permissions.query({ name: name as PermissionName })
        if (state === 'granted') granted.push(`query ${name}`)
      } catch {
        // A name that this Chromium does not know cannot be given either.
      }
    }
    const asked: Record<string, () => Promise<unknown>> = {
      camera: () => navigator.mediaDevices.getUserMedia({ video: true }),
      microphone: () => navigator.mediaDevices.getUserMedia({ audio: true }),
      screen: () => navigator.mediaDevices.getDisplayMedia({ video: true }),
      geolocation: () =>
        new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject)),
      clipboard: () => navigator.clipboard.readText(),
      midi: () => navigator.requestMIDIAccess({ sysex: true }),
      wakeLock: () => navigator.wakeLock.request('screen'),
      fullscreen: () => document.documentElement.requestFullscreen(),
      notification: async () => {
        if ((await Notification.requestPermission()) !== 'granted') throw new Error('denied')
      },
      persistence: async () => {
        if (!(await navigator.storage.persist())) throw new Error('denied')
      },
    }
    for (const [name, ask] of Object.entries(asked)) {
      // Denied, or never answered: both are no.
      const unanswered = new Promise((_resolve, reject) => setTimeout(reject, 1_000))
      try {
        await Promise.race([ask(), unanswered])
        granted.push(`request ${name}`)
      } catch {
        // Not given.
      }
    }
    return granted
  })
  expect(given).toEqual([])
  app.problems.splice(0)
})

test('a page that is not ours gets no answer, though it has our preload', async ({ app }) => {
  const script = `Promise.all([
    switchboard.call('socket.list', {}),
    switchboard.host('app.about', {}),
    switchboard.host('settings.write', { key: 'x', json: '1' }),
    switchboard.call('listener.open', { at: 'tcp://127.0.0.1:0' }),
  ])`
  const refusal = {
    ok: false,
    fault: { code: 'SB_INPUT', summary: expect.stringContaining('Only the page') },
  }
  for (const url of ['about:blank', 'data:text/html,stranger', 'app://switchboard/index.html']) {
    const replies = await callFromStranger(app, url, script)
    expect(replies, url).toEqual([refusal, refusal, refusal, refusal])
  }
  const reply = await app.window.evaluate(async () => window.switchboard.call('socket.list', {}))
  expect(reply).toMatchObject({ ok: true, value: { sockets: [] } })
  // Electron itself warns of pages without a policy, which these are.
  expect(app.problems.splice(0).filter((problem) => !problem.includes('Security Warning'))).toEqual([])
})

test('names that are no commands are refused by name', async ({ app }) => {
  const replies = await app.window.evaluate(async () => {
    const bridge = window.switchboard as unknown as Record<
      'call' | 'host',
      (name: unknown, input: unknown) => Promise<unknown>
    >
    const all: unknown[] = []
    for (const name of [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      '',
      'socket.list ',
      7,
      null,
      {},
      [],
    ]) {
      all.push(await bridge.call(name, {}), await bridge.host(name, {}))
    }
    return all
  })
  for (const reply of replies) expect(reply).toMatchObject({ ok: false, fault: { code: 'SB_INPUT' } })
})

test('a thousand malformed messages over the real bridge: each gets a typed fault, and main goes on', async ({
  app,
}) => {
  const resident = () => app.electron.evaluate(() => process.memoryUsage.rss())
  const before = await resident()
  const { replies, thrown } = await malform(app, { count: 1_000, seed: 20_260_301 })
  expect(replies.length + thrown.length).toBe(1_000)
  for (const { name, reply } of replies) {
    expect(reply, name).toMatchObject({
      ok: false,
      fault: {
        code: expect.stringMatching(/^(SB_INPUT|SB_UNKNOWN|SB_STATE)$/),
        summary: expect.any(String),
      },
    })
    // A stack would tell the page where main's files are.
    expect(JSON.stringify(reply)).not.toMatch(/\bat .*\.js:\d+|node:internal/)
  }
  // What cannot cross into the preload at all is refused by Electron itself, before anything of ours sees it.
  for (const text of thrown) expect(text).toMatch(/recursion depth|could not be cloned/)
  const main = await app.electron.evaluate(() =>
    Object.keys(Object.prototype).concat('polluted' in {} ? ['polluted'] : []),
  )
  expect(main).toEqual([])
  const after = await app.window.evaluate(() => window.switchboard.call('socket.list', {}))
  expect(after).toMatchObject({ ok: true, value: { sockets: [] } })
  expect((await resident()) - before).toBeLessThan(64_000_000)
})

test('a page that opens taps without end is stopped, and the app goes on', async ({ app }) => {
  const replies = await app.window.evaluate(async () => {
    const answers = []
    for (let count = 0; count < 300; count++)
      answers.push(await window.switchboard.host('tap.open', { id: 'C1', from: 0 }))
    for (const answer of answers) if (answer.ok) await window.switchboard.host('tap.close', answer.value)
    return answers.map((answer) => (answer.ok ? 'open' : answer.fault.code))
  })
  expect(replies.filter((each) => each === 'open')).toHaveLength(256)
  expect(replies.at(-1)).toBe('SB_STATE')
})
