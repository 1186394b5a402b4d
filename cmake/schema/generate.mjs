// Kubernetes field names, types and documentation -> two compact JSON files.
//
//   node generate.mjs CLIENT_NODE_PACKAGE_DIR OUTPUT_DIR
//
// The source is the official JavaScript client (@kubernetes/client-node): its generated models carry
// name, type, format and text for every field, its generated API classes carry every REST path.
// What it lacks (patch keys, list types, defaults, enums, short names) stands in core/api's own table.
//
// kubernetes.json
//   release  "1.36"
//   types    { "V1Pod": { "fields": [ [name, type, format, required] ... ] } }
//            type: string int number boolean object IntOrString, a type's name, "[]" + type, "map[]" + type.
//            format: "" int32 int64 double byte date-time date-time-micro int-or-string.
//            required: "required" or "". `object` is any JSON value. Quantities are plain strings here:
//            the client's models do not tell them apart, core/api's table does.
//   kinds    [ { group, version, kind, type, resource, namespaced, verbs, list, subresources } ]
//            Kinds that are no resource of their own (Status, DeleteOptions, Binding's like) have only the first four.
// kubernetes-docs.json
//   { "V1Pod": { "": text of the type, "spec": text of the field } }: big, so it is fetched on demand.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// group name -> versions we keep. Adding a group here is all it takes.
const GROUPS = {
  '': ['v1'],
  'admissionregistration.k8s.io': ['v1'],
  'apiextensions.k8s.io': ['v1'],
  'apiregistration.k8s.io': ['v1'],
  'apps': ['v1'],
  'authentication.k8s.io': ['v1'],
  'authorization.k8s.io': ['v1'],
  'autoscaling': ['v1', 'v2'],
  'batch': ['v1'],
  'certificates.k8s.io': ['v1'],
  'coordination.k8s.io': ['v1'],
  'discovery.k8s.io': ['v1'],
  'events.k8s.io': ['v1'],
  'flowcontrol.apiserver.k8s.io': ['v1'],
  'networking.k8s.io': ['v1'],
  'node.k8s.io': ['v1'],
  'policy': ['v1'],
  'rbac.authorization.k8s.io': ['v1'],
  'scheduling.k8s.io': ['v1'],
  'storage.k8s.io': ['v1'],
};

// Of groups of which not all is served: what is.
const ONLY = { 'admissionregistration.k8s.io': ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'] };

// metav1 kinds that no REST path of their own names.
const META_KINDS = ['Status', 'DeleteOptions', 'WatchEvent', 'APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions'];

const VERB_ORDER = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const kindOfType = (type) => type.replace(/^(?:[A-Z][a-z]+)?V\d+(?:(?:alpha|beta)\d+)?/, '');

// "Array<{ [key: string]: V1Foo; }>" -> "[]map[]V1Foo"
function compactType(type, format) {
  const array = /^Array<(.*)>$/.exec(type);
  if (array) return '[]' + compactType(array[1], format);
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map) return 'map[]' + compactType(map[1], format);
  switch (type) {
    case 'number': return format.startsWith('int') ? 'int' : 'number';
    case 'any': return 'object';
    case 'Date': case 'V1MicroTime': case 'string': return 'string';
    default: return type;
  }
}

// Every request of one API class: which function sends which method to which path, and with which types.
function requestsOf(apiText) {
  const requests = [];
  const functions = /\n {4}async (\w+)\(([^)]*)\) \{([\s\S]*?)\n {4}\}/g;
  const responses = new Map();
  let match;
  while ((match = functions.exec(apiText)) !== null) {
    const [, name, parameters, body] = match;
    const path = /const localVarPath = '([^']*)'/.exec(body)?.[1];
    if (path !== undefined) {
      requests.push({
        name, path,
        method: /HttpMethod\.(\w+)/.exec(body)?.[1],
        watch: parameters.split(', ').includes('watch'),
        body: /ObjectSerializer\.serialize\(body, "([^"]*)"/.exec(body)?.[1],
      });
    } else if (name.endsWith('WithHttpInfo')) {
      responses.set(name.slice(0, -'WithHttpInfo'.length), /ObjectSerializer\.deserialize\([\s\S]*?, "([^"]*)"/.exec(body)?.[1]);
    }
  }
  for (const request of requests) request.response = responses.get(request.name);
  return requests;
}

const verbOf = { POST: 'create', PUT: 'update', PATCH: 'patch' };

function resourcesOf(requests, group, version) {
  const prefix = group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`;
  const resources = new Map();
  for (const request of requests) {
    if (!request.path.startsWith(prefix)) continue;
    let rest = request.path.slice(prefix.length);
    if (rest.startsWith('watch/')) continue; // deprecated watch paths
    const namespaced = rest.startsWith('namespaces/{namespace}/');
    if (namespaced) rest = rest.slice('namespaces/{namespace}/'.length);
    const [name, object, ...subresource] = rest.split('/');
    if (name === '') continue; // the list of resources itself
    if (!resources.has(name)) resources.set(name, { namespaced: false, verbs: new Set(), subresources: new Set() });
    const resource = resources.get(name);
    resource.namespaced ||= namespaced;
    if (subresource.length > 0) {
      if (!subresource.includes('{path}')) resource.subresources.add(subresource.join('/'));
      continue;
    }
    if (object === undefined) { // the collection
      if (request.method === 'POST') {
        resource.verbs.add('create');
        resource.type ??= request.body;
      } else if (request.method === 'GET') {
        // GET of a list across namespaces names the same list type.
        resource.list ??= request.response;
        resource.verbs.add('list');
        if (request.watch) resource.verbs.add('watch');
      } else if (request.method === 'DELETE') {
        resource.verbs.add('deletecollection');
      }
      continue;
    }
    if (request.method === 'GET') {
      resource.verbs.add('get');
      resource.type ??= request.response;
    } else if (request.method === 'DELETE') {
      resource.verbs.add('delete');
    } else if (verbOf[request.method]) {
      resource.verbs.add(verbOf[request.method]);
      if (request.method === 'PUT') resource.type ??= request.body;
    }
  }
  return resources;
}

// The .d.ts file of a model: text of the class, text of each field, which fields are required.
function declarationsOf(text) {
  const fields = new Map();
  let doc = '';
  let typeDoc = '';
  let inComment = false;
  let lines = [];
  // The generator escapes quotes, and "*/" as "*_/".
  const clean = (s) => s.replace(/\\(['"\\])/g, '$1').replace(/\*_\//g, '*/').trim();
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '/**') { inComment = true; lines = []; continue; }
    if (inComment) {
      if (trimmed === '*/') { inComment = false; doc = clean(lines.join('\n')); continue; }
      lines.push(trimmed.replace(/^\* ?/, ''));
      continue;
    }
    if (/^export declare class /.test(trimmed)) { typeDoc = doc; doc = ''; continue; }
    const field = /^'([^']+)'(\??): /.exec(trimmed);
    if (field) fields.set(field[1], { doc, required: field[2] === '' });
    doc = '';
  }
  return { typeDoc, fields };
}

async function main() {
  const [packageDir, outputDir] = process.argv.slice(2);
  if (!packageDir || !outputDir) {
    console.error('usage: node generate.mjs CLIENT_NODE_PACKAGE_DIR OUTPUT_DIR');
    process.exit(2);
  }
  const models = join(packageDir, 'dist/gen/models');
  const apis = join(packageDir, 'dist/gen/apis');
  const known = new Set(readdirSync(models).filter((f) => f.endsWith('.js')).map((f) => f.slice(0, -3)));

  const requests = readdirSync(apis).filter((f) => /Api\.js$/.test(f)).sort()
    .flatMap((f) => requestsOf(readFileSync(join(apis, f), 'utf8')));

  const kinds = [];
  const queue = ['V1ObjectMeta', 'V1ListMeta'];
  for (const group of Object.keys(GROUPS)) {
    for (const version of GROUPS[group]) {
      const resources = resourcesOf(requests, group, version);
      if (resources.size === 0) throw new Error(`no REST path found for ${group}/${version}`);
      for (const [name, resource] of [...resources].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (ONLY[group] && !ONLY[group].includes(name)) continue;
        if (resource.type === undefined) throw new Error(`${group}/${version} ${name}: no type`);
        const entry = {
          group, version, kind: kindOfType(resource.type), type: resource.type, resource: name,
          namespaced: resource.namespaced, verbs: VERB_ORDER.filter((verb) => resource.verbs.has(verb)),
        };
        queue.push(resource.type);
        if (resource.list) { entry.list = resource.list; queue.push(resource.list); }
        if (resource.subresources.size > 0) entry.subresources = [...resource.subresources].sort();
        kinds.push(entry);
      }
      // What a subresource takes or gives: Eviction, TokenRequest, Scale ...
      const prefix = group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`;
      for (const request of requests.filter((r) => !ONLY[group] && r.path.startsWith(prefix))) {
        for (const type of [request.body, request.response]) {
          if (type && known.has(type)) queue.push(type);
        }
      }
    }
  }
  for (const kind of META_KINDS) {
    kinds.push({ group: '', version: 'v1', kind, type: `V1${kind}` });
    queue.push(`V1${kind}`);
  }
  // Bodies of subresources that are kinds of their own.
  kinds.push({ group: 'policy', version: 'v1', kind: 'Eviction', type: 'V1Eviction' });
  kinds.push({ group: 'autoscaling', version: 'v1', kind: 'Scale', type: 'V1Scale' });
  kinds.push({ group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', type: 'AuthenticationV1TokenRequest' });
  for (const kind of kinds) queue.push(kind.type);

  let release = '';
  const types = {};
  const docs = {};
  const seen = new Set();
  while (queue.length > 0) {
    const type = queue.pop();
    if (seen.has(type)) continue;
    seen.add(type);
    if (!known.has(type)) throw new Error(`no model named ${type}`);
    const module = await import(pathToFileURL(join(models, `${type}.js`)).href);
    const text = readFileSync(join(models, `${type}.d.ts`), 'utf8');
    release ||= /OpenAPI spec version: release-([\d.]+)/.exec(text)?.[1] ?? '';
    const { typeDoc, fields } = declarationsOf(text);
    docs[type] = {};
    if (typeDoc) docs[type][''] = typeDoc;
    types[type] = { fields: [] };
    for (const attribute of module[type].attributeTypeMap) {
      const fieldType = compactType(attribute.type, attribute.format);
      const declared = fields.get(attribute.name);
      if (!declared) throw new Error(`${type}.${attribute.name} is in the .js file only`);
      types[type].fields.push([attribute.baseName, fieldType, attribute.format, declared.required ? 'required' : '']);
      if (declared.doc) docs[type][attribute.baseName] = declared.doc;
      const element = fieldType.replace(/^(\[\]|map\[\])+/, '');
      if (!['string', 'int', 'number', 'boolean', 'object', 'IntOrString'].includes(element)) queue.push(element);
    }
  }
  if (release === '') throw new Error('the models do not say which release they are of');

  const sorted = (object) => Object.fromEntries(Object.keys(object).sort().map((key) => [key, object[key]]));
  mkdirSync(outputDir, { recursive: true });
  // One type a line: compact, yet a diff between releases can be read.
  const perLine = (object) => '{\n' + Object.entries(sorted(object))
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',\n') + '\n}';
  const schema = `{"release":${JSON.stringify(release)},"types":${perLine(types)},"kinds":[\n${kinds.map((k) => JSON.stringify(k)).join(',\n')}\n]}\n`;
  JSON.parse(schema); // we composed it by hand
  writeFileSync(join(outputDir, 'kubernetes.json'), schema);
  writeFileSync(join(outputDir, 'kubernetes-docs.json'), perLine(docs) + '\n');
  console.log(`schema of release ${release}: ${Object.keys(types).length} types, ${kinds.length} kinds`);
}

await main();
