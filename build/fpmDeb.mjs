#!/usr/bin/env node
// Makes a .deb out of files, with dpkg-deb. electron-builder asks fpm for that (CUSTOM_FPM_PATH names this program instead), and
// this understands the options it passes and no others: an option that it would have to ignore ends it.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'

const text = /** @type {const} */ ({ type: 'string' })
const list = /** @type {const} */ ({ type: 'string', multiple: true })

const { values, positionals } = parseArgs({
  strict: true,
  allowPositionals: true,
  options: {
    source: { type: 'string', short: 's' },
    target: { type: 'string', short: 't' },
    // The output is replaced in any case.
    force: { type: 'boolean' },
    depends: { ...list, short: 'd' },
    'deb-recommends': list,
    'deb-compression': { type: 'string', default: 'xz' },
    'deb-priority': { type: 'string', default: 'optional' },
    'deb-changelog': text,
    architecture: text,
    'after-install': text,
    'after-remove': text,
    description: text,
    version: text,
    package: text,
    name: text,
    maintainer: text,
    vendor: text,
    url: text,
    category: { type: 'string', default: 'utils' },
    license: text,
  },
})

/** dpkg-deb's words for fpm's. */
const COMPRESSION = { zst: 'zstd', gz: 'gzip', xz: 'xz', none: 'none' }

if (values.source !== 'dir' || values.target !== 'deb')
  stop(`only -s dir -t deb, not ${values.source} to ${values.target}`)
const output = path.resolve(required('package'))
const name = required('name').toLowerCase()
if (!/^[a-z0-9][a-z0-9+.-]+$/.test(name)) stop(`${name} is no name for a package`)
const version = required('version')
if (!/^[0-9][A-Za-z0-9.+~]*$/.test(version)) stop(`${version} is no version for a package`)
const compression = COMPRESSION[/** @type {keyof typeof COMPRESSION} */ (values['deb-compression'])]
if (compression === undefined) stop(`no such compression: ${values['deb-compression']}`)
// Reproducible: the same input gives the same file.
const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? Math.floor(Date.now() / 1000))

// Beside the output, so that copies within one file system can share their blocks.
fs.mkdirSync(path.dirname(output), { recursive: true })
const root = fs.mkdtempSync(path.join(path.dirname(output), '.deb-'))
try {
  for (const mapping of positionals) place(mapping)
  if (values['deb-changelog']) {
    const target = inPackage(`/usr/share/doc/${name}/changelog.gz`)
    fs.mkdirSync(path.dirname(target), { recursive: true })
    fs.writeFileSync(target, gzipSync(fs.readFileSync(values['deb-changelog']), { level: 9 }))
  }
  const files = settle(root)
  writeControl(files)
  const environment = { ...process.env, SOURCE_DATE_EPOCH: String(epoch) }
  fs.rmSync(output, { force: true })
  execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--build', root, output], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment,
  })
} finally {
  fs.rmSync(root, { recursive: true, force: true })
}

/** @param {string} reason @returns {never} */
function stop(reason) {
  console.error(`fpmDeb: ${reason}`)
  process.exit(1)
}

/** @param {'package' | 'name' | 'version' | 'architecture' | 'maintainer' | 'description'} option */
function required(option) {
  return values[option] || stop(`--${option} is missing`)
}

/** @param {string} target */
function inPackage(target) {
  const file = path.join(root, target)
  if (!file.startsWith(root + path.sep)) stop(`${target} is outside of the package`)
  return file
}

/** Copies what one SOURCE=TARGET says. @param {string} mapping */
function place(mapping) {
  const [source, target, ...rest] = mapping.split('=')
  if (!source || !target || rest.length > 0) return stop(`not SOURCE=TARGET: ${mapping}`)
  const file = inPackage(target)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.cpSync(source, file, { recursive: true, verbatimSymlinks: true, mode: fs.constants.COPYFILE_FICLONE })
}

/**
 * Gives everything the modes and times of a package, and lists its plain files.
 * @param {string} folder
 * @returns {string[]}
 */
function settle(folder) {
  const files = []
  for (const entry of fs
    .readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const place = path.join(folder, entry.name)
    if (entry.isDirectory()) files.push(...settle(place))
    else if (entry.isFile()) {
      fs.chmodSync(place, fs.statSync(place).mode & 0o111 ? 0o755 : 0o644)
      fs.utimesSync(place, epoch, epoch)
      files.push(place)
    }
  }
  fs.chmodSync(folder, 0o755)
  fs.utimesSync(folder, epoch, epoch)
  return files
}

/** @param {string[]} files */
function writeControl(files) {
  const sums = files.map((file) => {
    const sum = createHash('md5').update(fs.readFileSync(file)).digest('hex')
    return `${sum}  ${path.relative(root, file)}\n`
  })
  const kibibytes = files.reduce((total, file) => total + Math.ceil(fs.statSync(file).size / 1024), 0)
  const [synopsis = name, ...more] = required('description')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const fields = {
    Package: name,
    Version: version,
    Architecture: required('architecture'),
    Maintainer: required('maintainer'),
    'Installed-Size': String(kibibytes),
    Depends: (values.depends ?? []).join(', '),
    Recommends: (values['deb-recommends'] ?? []).join(', '),
    Section: values.category,
    Priority: values['deb-priority'],
    Homepage: values.url,
    Description: [synopsis, ...more.map((line) => ` ${line}`)].join('\n'),
  }
  const control = Object.entries(fields).filter(([, value]) => value)
  const folder = inPackage('DEBIAN')
  fs.mkdirSync(folder)
  fs.writeFileSync(
    path.join(folder, 'control'),
    control.map(([field, value]) => `${field}: ${value}\n`).join(''),
  )
  fs.writeFileSync(path.join(folder, 'md5sums'), sums.join(''))
  for (const [option, script] of /** @type {const} */ ([
    ['after-install', 'postinst'],
    ['after-remove', 'postrm'],
  ])) {
    const source = values[option]
    if (source) fs.writeFileSync(path.join(folder, script), fs.readFileSync(source), { mode: 0o755 })
  }
  settle(folder)
}
