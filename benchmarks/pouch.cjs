// PouchDB as a peer, in the way its own documents show: `serve FOLDER PORT` is an office on
// leveldb, `sync URL FOLDER RECORDS DAY` fills it from one database and another one from it.
"use strict";
const fs = require("fs");
const path = require("path");
const PouchDB = require("pouchdb");

const BATCH = 1000;

function serve(folder, port) {
  const Kept = PouchDB.defaults({ prefix: path.join(folder, "/") });
  const app = require("express")();
  const ours = require("express-pouchdb")(Kept, {
    mode: "minimumForPouchDB",
    inMemoryConfig: true,
    logPath: path.join(folder, "log.txt"),
  });
  app.use("/", ours).listen(Number(port), "127.0.0.1", () => console.log("ready"));
}

async function timed(work) {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

async function sync(url, folder, records, day) {
  const docs = JSON.parse(fs.readFileSync(records, "utf8"));
  const there = new PouchDB(`${url}/records-${docs.length}`);
  const first = new PouchDB(path.join(folder, "first"));
  const second = new PouchDB(path.join(folder, "second"));
  const all = { batch_size: BATCH, batches_limit: 2 };
  await first.bulkDocs(docs);
  const took = { push: await timed(() => first.replicate.to(there, all)) };
  took.pull = await timed(() => second.replicate.from(there, all));
  took.nothing = await timed(async () => {
    await second.replicate.to(there, all);
    await second.replicate.from(there, all);
  });
  const found = await first.allDocs({ include_docs: true, limit: Number(day) });
  await first.bulkDocs(found.rows.map((row) => ({ ...row.doc, by: "The key worker" })));
  took.pushDay = await timed(() => first.replicate.to(there, all));
  took.pullDay = await timed(() => second.replicate.from(there, all));
  // What the system counts for a process begins with what its parent held; this does not.
  const status = fs.readFileSync("/proc/self/status", "utf8");
  took.memory = (Number(/VmHWM:\s+(\d+)/.exec(status)[1]) * 1024) / 1e6;
  console.log(JSON.stringify(took));
}

const [what, ...given] = process.argv.slice(2);
if (what === "serve") serve(...given);
else sync(...given).then(() => process.exit(0));
