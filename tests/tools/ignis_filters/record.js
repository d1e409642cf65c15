// See README.md.
const fs = require("node:fs");
const path = require("node:path");
const inside = (file) => require(path.join(__dirname, "node_modules/@venizia/ignis/dist/base/repositories", file));
const { FilterBuilder } = inside("operators/filter.js");
const { FilterSchema } = inside("common/types.js");
const { pgTable, text, jsonb, bigint, uuid, timestamp } = require("drizzle-orm/pg-core");
const { drizzle } = require("drizzle-orm/node-postgres");
const { Pool } = require("pg");

const time = (name) => timestamp(name, { mode: "string", withTimezone: true, precision: 3 });
const table = pgTable("note", {
  id: uuid("id").primaryKey(),
  key: text("key"),
  seq: bigint("seq", { mode: "number" }),
  title: text("title"),
  body: text("body"),
  data: jsonb("data"),
  occurredAt: time("occurred_at"),
  extra: jsonb("extra"),
});
const columns = { tableName: "Note", schema: table };

async function answer(db, builder, filterText) {
  const read = FilterSchema.safeParse(filterText);
  if (!read.success) return { status: 422 };
  const filter = read.data;
  if (filter.fields && Object.keys(filter.fields).length > 0) {
    const rows = await db.query.note.findMany({ ...builder.build({ ...columns, filter }), orderBy: table.seq });
    return { fields: Object.keys(rows[0]), seqs: rows.map((row) => row.seq ?? null) };
  }
  let query = db.select().from(table).$dynamic();
  const where = filter.where && builder.toWhere({ ...columns, where: filter.where });
  if (where) query = query.where(where);
  const order = filter.order ? builder.toOrderBy({ ...columns, order: filter.order }) : [];
  query = query.orderBy(...(order.length ? order : [table.seq]));
  if (filter.limit !== undefined) query = query.limit(filter.limit);
  const skip = filter.skip ?? filter.offset;
  if (skip !== undefined) query = query.offset(skip);
  return { seqs: (await query).map((row) => row.seq) };
}

async function main() {
  const pool = new Pool({ connectionString: process.argv[2] });
  await pool.query(`
    drop table if exists note;
    create table note (id uuid primary key default gen_random_uuid(), key text, seq bigint, title text, body text,
      data jsonb, occurred_at timestamptz(3), extra jsonb)`);
  const rows = require("./rows.js");
  for (const [place, row] of rows.entries()) {
    await pool.query(
      "insert into note (key, seq, title, body, data, occurred_at, extra) values ($1,$2,$3,$4,$5,$6,$7)",
      [row.key, place + 1, row.title, row.body, row.data, row.occurredAt, row.extra],
    );
  }
  const db = drizzle(pool, { schema: { note: table } });
  const builder = new FilterBuilder();
  const cases = [];
  for (const filter of require("./filters.js")) {
    const filterText = typeof filter === "string" ? filter : JSON.stringify(filter);
    let outcome;
    try {
      outcome = await answer(db, builder, filterText);
    } catch (problem) {
      outcome =
        problem.statusCode === 400
          ? { status: 400, message: problem.message }
          : { failed: problem.cause?.code ?? problem.message };
    }
    cases.push({ filter: filterText, ...outcome });
  }
  await pool.query("drop table note");
  await pool.end();
  const lines = (list) => list.map((item) => `    ${JSON.stringify(item)}`).join(",\n");
  fs.writeFileSync(
    path.join(__dirname, "../../vectors/ignis_filters.json"),
    `{\n  "rows": [\n${lines(rows)}\n  ],\n  "cases": [\n${lines(cases)}\n  ]\n}\n`,
  );
  console.log(`${cases.length} filters recorded`);
}
main();
