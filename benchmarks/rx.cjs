// RxDB as a peer, in the way its own documents show for replication over HTTP, in memory on both
// sides: `serve FOLDER PORT` is an office, `sync URL FOLDER RECORDS DAY` fills it from one database
// and another one from it. Nothing is ever on a disk.
"use strict";
const fs = require("fs");
const { createRxDatabase } = require("rxdb");
const { getRxStorageMemory } = require("rxdb/plugins/storage-memory");
const { replicateRxCollection } = require("rxdb/plugins/replication");

const BATCH = 1000;
const text = { type: "string" };
const schema = {
  version: 0,
  primaryKey: "id",
  type: "object",
  properties: {
    id: { type: "string", maxLength: 100 },
    updatedAt: { type: "number", minimum: 0, maximum: 1e15, multipleOf: 1 },
    ...Object.fromEntries(["visit", "child", "conversation", "type", "text", "by"].map((n) => [n, text])),
  },
  required: ["id", "updatedAt"],
  indexes: [["updatedAt", "id"]],
};

async function collection(name) {
  const database = await createRxDatabase({ name, storage: getRxStorageMemory(), eventReduce: true });
  return (await database.addCollections({ records: { schema } })).records;
}

async function serve(folder, port) {
  const named = {};
  const of = ({ params }) => (named[params.name] ??= collection(params.name));
  const app = require("express")();
  app.use(require("express").json({ limit: "100mb" }));
  // As the office's clock would, but never twice the same.
  let now = 0;
  app.post("/:name/push", async (asked, answer) => {
    const kept = await of(asked);
    const rows = asked.body;
    const there = await kept.findByIds(rows.map((row) => row.newDocumentState.id)).exec();
    const conflicts = [];
    const taken = [];
    for (const { newDocumentState: doc, assumedMasterState: assumed } of rows) {
      const here = there.get(doc.id);
      if (here && (!assumed || here.updatedAt !== assumed.updatedAt)) conflicts.push(here.toJSON());
      else taken.push({ ...doc, updatedAt: ++now });
    }
    await kept.bulkUpsert(taken);
    answer.json(conflicts);
  });
  app.get("/:name/pull", async (asked, answer) => {
    const kept = await of(asked);
    const { updatedAt, id, limit } = asked.query;
    const newer = { updatedAt: { $gt: Number(updatedAt) } };
    const beside = { updatedAt: { $eq: Number(updatedAt) }, id: { $gt: id } };
    const found = await kept
      .find({ selector: { $or: [newer, beside] }, sort: [{ updatedAt: "asc" }, { id: "asc" }], limit: Number(limit) })
      .exec();
    const documents = found.map((one) => ({ ...one.toJSON(), _deleted: false }));
    const last = documents[documents.length - 1];
    const checkpoint = last ? { updatedAt: last.updatedAt, id: last.id } : { updatedAt: Number(updatedAt), id };
    answer.json({ documents, checkpoint });
  });
  app.listen(Number(port), "127.0.0.1", () => console.log("ready"));
}

async function timed(work) {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

async function once(records, url) {
  const headers = { "Content-Type": "application/json" };
  // One that is not live goes both ways once, and ends; the next one goes on where it ended.
  const going = replicateRxCollection({
    collection: records,
    replicationIdentifier: "office",
    live: false,
    retryTime: 100,
    push: {
      batchSize: BATCH,
      handler: async (rows) =>
        (await fetch(`${url}/push`, { method: "POST", headers, body: JSON.stringify(rows) })).json(),
    },
    pull: {
      batchSize: BATCH,
      handler: async (since, limit) => {
        const from = new URLSearchParams({ updatedAt: since?.updatedAt ?? 0, id: since?.id ?? "", limit });
        return (await fetch(`${url}/pull?${from}`)).json();
      },
    },
  });
  going.error$.subscribe((error) => console.error(error.message));
  await going.awaitInSync();
  await going.cancel();
}

async function sync(url, folder, records, day) {
  const docs = JSON.parse(fs.readFileSync(records, "utf8")).map((doc) => ({ ...doc, updatedAt: 0 }));
  const there = `${url}/records-${docs.length}`;
  const first = await collection("first");
  const second = await collection("second");
  await first.bulkInsert(docs);
  const took = { push: await timed(() => once(first, there)) };
  took.pull = await timed(() => once(second, there));
  took.nothing = await timed(() => once(second, there));
  // It has to hear what the office made of its own before it may change it.
  await once(first, there);
  const some = await first.find({ sort: [{ id: "asc" }], limit: Number(day) }).exec();
  await first.bulkUpsert(some.map((one) => ({ ...one.toJSON(), by: "The key worker" })));
  took.pushDay = await timed(() => once(first, there));
  took.pullDay = await timed(() => once(second, there));
  if ((await second.count().exec()) !== docs.length) throw new Error("not all of them are there");
  // What the system counts for a process begins with what its parent held; this does not.
  const status = fs.readFileSync("/proc/self/status", "utf8");
  took.memory = (Number(/VmHWM:\s+(\d+)/.exec(status)[1]) * 1024) / 1e6;
  console.log(JSON.stringify(took));
}

const [what, ...given] = process.argv.slice(2);
if (what === "serve") serve(...given);
else sync(...given).then(() => process.exit(0));
