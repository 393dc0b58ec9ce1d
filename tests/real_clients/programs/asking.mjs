// What both programs have in common: an errand comes in on a line, and what the library has told goes out on one.

import { webcrypto } from 'node:crypto'
import { createInterface } from 'node:readline'

globalThis.crypto ??= webcrypto // Node 18 keeps it in a module; both libraries expect it here, as browsers have it

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const say = (message) => process.stdout.write(JSON.stringify(message) + '\n')

async function visit(url) {
  say({ visit: url.href })
  return new URL(JSON.parse((await lines.next()).value))
}

// A challenge hides the body's error from who reads the exception alone; the library leaves the body to be read.
async function errorOf(problem) {
  if (problem.error) return { refused: problem.error }
  if (problem.response && !problem.response.bodyUsed) return { refused: (await problem.response.json()).error }
  return { failed: problem.stack }
}

export async function answer(flows) {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const errand = JSON.parse(line.value)
    try {
      say({ told: await flows[errand.flow]({ ...errand, visit }) })
    } catch (problem) {
      say(await errorOf(problem))
    }
  }
}
