from provider import Provider

from mashery_oauth.testing import served

provider = served(lambda backend: Provider(backend.url, backend.local, backend.service(scopes=["read", "write"]).key))
