// Plays one scene with a client library. Both sides write one JSON value per line: the scene what
// happens, the test what a person or an application's user does about it.
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hear = async () => JSON.parse((await lines.next()).value);
const tell = (value) => process.stdout.write(JSON.stringify(value) + "\n");

const [library, scene] = process.argv.slice(2);
const scenes = await import(`./${library}.mjs`);
try {
  tell({ result: (await scenes[scene](await hear(), { hear, tell })) ?? null });
} catch (error) {
  const { name, message, code, error: shown, status } = error;
  tell({ failed: { name, message, code, error: shown, status, cause: `${error.cause?.message}` } });
}
process.exit(0);
