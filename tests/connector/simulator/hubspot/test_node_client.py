"""HubSpot's Node client, as it is, against the portal: a second reading of the API, in another language."""

import json
import subprocess

import pytest

pytestmark = pytest.mark.node

_PROGRAM = """
const { Client } = require('@hubspot/api-client')
const [url, since] = process.argv.slice(1)
const client = new Client({ accessToken: 'pat-na1-admin', basePath: url, numberOfApiCallRetries: 0 })
const { contacts, properties } = client.crm

async function main() {
  const seen = {}
  const page = await contacts.basicApi.getPage(2, undefined, ['jobtitle'], undefined, ['companies'], false)
  seen.page = { ids: page.results.map((one) => one.id), after: page.paging.next.after,
                created: page.results[0].createdAt instanceof Date }
  seen.all = (await contacts.getAll(100)).length

  const filter = { propertyName: 'lastmodifieddate', operator: 'GTE', value: since }
  const found = await contacts.searchApi.doSearch({ filterGroups: [{ filters: [filter] }],
    sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }], properties: ['jobtitle'], limit: 10,
    after: '0' })
  seen.search = { total: found.total, ids: found.results.map((one) => one.id) }

  const group = await properties.groupsApi.create('contacts', { name: 'truegrade', label: 'Truegrade',
    displayOrder: -1 })
  await properties.coreApi.create('contacts', { name: 'tg_score', label: 'Score', groupName: group.name, type: 'number',
    fieldType: 'number' })
  const listed = await properties.coreApi.getAll('contacts')
  seen.properties = listed.results.filter((one) => one.name === 'tg_score').map((one) => one.groupName)

  const inputs = ['901', '999'].map((id) => ({ id, properties: { tg_score: '87' }, objectWriteTraceId: id }))
  const written = await contacts.batchApi.update({ inputs })
  seen.update = { ids: written.results.map((one) => one.id), score: written.results[0].properties.tg_score,
                  missing: written.errors[0].context.ids }
  const read = await contacts.batchApi.read({ inputs: [{ id: '901' }], properties: ['tg_score'],
    propertiesWithHistory: [] })
  seen.read = read.results[0].properties.tg_score

  try {
    await contacts.basicApi.getById('999')
  } catch (refused) {
    seen.refused = [refused.code, refused.body.message]
  }
  console.log(JSON.stringify(seen))
}
main()
"""


def test_the_node_client_lists_searches_defines_and_writes(api, portal, node_modules):
    stamp = portal.same_stamp("contacts", ["901", "951"])

    done = subprocess.run(
        ["node", "-e", _PROGRAM, api.url, stamp],
        cwd=node_modules.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "page": {"ids": ["901", "951"], "after": "1001", "created": True},
        "all": 320,
        "search": {"total": 2, "ids": ["901", "951"]},
        "properties": ["truegrade"],
        "update": {"ids": ["901"], "score": "87", "missing": ["999"]},
        "read": "87",
        "refused": [404, "resource not found"],
    }
