"""Calls that talk to another machine (DP102), clouds apart: those are in `cloud`.

Constructors are listed only where they connect; a client that waits for its first call is listed
by the methods of its instances.
"""

from typing import Final

CALLS: Final[dict[str, str]] = {
    # HTTP
    "requests": """
        get post put patch delete head options request api.*
        Session().* session().* sessions.Session().* sessions.session().*
        !**.mount !**.close !**.prepare_request !**.get_adapter !**.merge_environment_settings
        !**.rebuild_auth !**.should_strip_auth
    """,
    "requests_toolbelt": "sessions.BaseUrlSession().* !**.mount !**.close threaded.map",
    "requests_cache": """
        CachedSession().get CachedSession().post CachedSession().put CachedSession().patch
        CachedSession().delete CachedSession().head CachedSession().request CachedSession().send
    """,
    "requests_oauthlib": """
        OAuth1Session().get OAuth1Session().post OAuth1Session().put OAuth1Session().delete
        OAuth1Session().fetch_request_token OAuth1Session().fetch_access_token
        OAuth2Session().get OAuth2Session().post OAuth2Session().put OAuth2Session().patch
        OAuth2Session().delete OAuth2Session().request OAuth2Session().fetch_token
        OAuth2Session().refresh_token
    """,
    "requests_html": "HTMLSession().* AsyncHTMLSession().* !**.mount !**.close",
    "cloudscraper": """
        get_tokens get_cookie_string create_scraper().* CloudScraper().* !**.mount !**.close
    """,
    "httpx": """
        get post put patch delete head options request stream
        Client().* AsyncClient().* !**.close !**.aclose !**.build_request
    """,
    "httplib2": "Http().request",
    "pycurl": "Curl().perform Curl().perform_rs Curl().perform_rb CurlMulti().perform",
    "curl_cffi": """
        requests.get requests.post requests.put requests.patch requests.delete requests.head
        requests.request requests.Session().* get post put patch delete head request Session().*
        !**.close
    """,
    "treq": "get post put patch delete head request",
    "urllib": """
        request.urlopen request.urlretrieve request.build_opener().open
        request.OpenerDirector().open request.URLopener().open request.URLopener().retrieve
        request.FancyURLopener().open request.FancyURLopener().retrieve
        robotparser.RobotFileParser().read
        urlopen urlretrieve URLopener().open URLopener().retrieve
    """,
    "urllib2": "urlopen build_opener().open",
    "six": "moves.urllib.request.urlopen moves.urllib.request.urlretrieve",
    "urllib3": """
        request **.PoolManager().request **.PoolManager().request_encode_body
        **.PoolManager().request_encode_url **.PoolManager().urlopen
        **.ProxyManager().request **.ProxyManager().urlopen
        **.HTTPConnectionPool().request **.HTTPConnectionPool().urlopen
        **.HTTPSConnectionPool().request **.HTTPSConnectionPool().urlopen
        connection_from_url().request connection_from_url().urlopen
    """,
    "http": """
        client.HTTPConnection().connect client.HTTPConnection().request
        client.HTTPConnection().send client.HTTPConnection().endheaders
        client.HTTPConnection().getresponse
        client.HTTPSConnection().connect client.HTTPSConnection().request
        client.HTTPSConnection().send client.HTTPSConnection().endheaders
        client.HTTPSConnection().getresponse
        server.HTTPServer server.HTTPServer().serve_forever
        server.ThreadingHTTPServer server.ThreadingHTTPServer().serve_forever
    """,
    "httplib": """
        HTTPConnection().connect HTTPConnection().request HTTPConnection().getresponse
        HTTPSConnection().connect HTTPSConnection().request HTTPSConnection().getresponse
    """,
    "aiohttp": """
        request **.ClientSession().* !**.close !**.detach web.run_app
        TCPConnector().connect
    """,
    "websocket": """
        create_connection create_connection().* WebSocket().* WebSocketApp().run_forever
        WebSocketApp().send !**.close
    """,
    "websockets": """
        connect serve client.connect sync.client.connect asyncio.client.connect
        connect().* sync.client.connect().* !**.close
    """,
    "gql": "Client().execute Client().execute_async Client().connect_sync Client().session.execute",
    "sgqlc": "endpoint.http.HTTPEndpoint()",
    "python_graphql_client": "GraphqlClient().execute GraphqlClient().execute_async",
    "wget": "download",
    "gdown": "download download_folder cached_download",
    "tldextract": "extract TLDExtract().update",
    "feedparser": "parse",
    "newspaper": "build Article().download article fulltext",
    "trafilatura": "fetch_url fetch_response",
    "scrapy": "crawler.CrawlerProcess().start crawler.CrawlerRunner().crawl",
    "mechanize": "urlopen Browser().open",
    "mechanicalsoup": "StatefulBrowser().open Browser().get Browser().post",
    "zeep": "**.Client **.Client().service.* **.CachingClient **.AsyncClient",
    "suds": "client.Client client.Client().service.*",
    "jsonrpclib": "Server().* ServerProxy().*",
    "xmlrpc": "client.ServerProxy().** server.SimpleXMLRPCServer",
    "xmlrpclib": "ServerProxy().**",
    "grpc": """
        channel_ready_future insecure_channel().unary_unary() secure_channel().unary_unary()
        server().start aio.server().start
    """,
    "sseclient": "SSEClient",
    # sockets, mail, files over a wire
    "socket": """
        create_connection create_server getaddrinfo gethostbyname gethostbyname_ex gethostbyaddr
        getnameinfo
        socket().connect socket().connect_ex socket().bind socket().listen socket().accept
        socket().send socket().sendall socket().sendto socket().sendfile socket().recv
        socket().recvfrom socket().recv_into
        create_connection().send create_connection().sendall create_connection().recv
    """,
    "ssl": """
        get_server_certificate create_default_context().wrap_socket().connect
        SSLContext().wrap_socket().connect wrap_socket().connect
    """,
    "socketserver": """
        TCPServer UDPServer ThreadingTCPServer ThreadingUDPServer
        TCPServer().serve_forever UDPServer().serve_forever
    """,
    "asyncio": "open_connection open_unix_connection start_server start_unix_server",
    "ftplib": """
        FTP FTP_TLS FTP().* FTP_TLS().* !FTP().close !FTP().set_debuglevel !FTP().set_pasv
        !FTP_TLS().close !FTP_TLS().set_debuglevel !FTP_TLS().set_pasv
    """,
    "ftputil": "FTPHost FTPHost().* FTPHost().path.* !FTPHost().close",
    "aioftp": "Client.context Client().*",
    "smtplib": "SMTP SMTP_SSL LMTP SMTP().* SMTP_SSL().* LMTP().* !**.set_debuglevel !**.close",
    "aiosmtplib": "send SMTP().*",
    "yagmail": "SMTP SMTP().send",
    "imaplib": "IMAP4 IMAP4_SSL IMAP4_stream IMAP4().* IMAP4_SSL().*",
    "imapclient": "IMAPClient IMAPClient().*",
    "imap_tools": "MailBox MailBox().** MailBoxUnencrypted !**.*().**.*().** !**.*().**.*()[].**",
    "poplib": "POP3 POP3_SSL POP3().* POP3_SSL().* !**.set_debuglevel",
    "nntplib": "NNTP NNTP_SSL NNTP().* NNTP_SSL().*",
    "telnetlib": "Telnet().* !Telnet().close !Telnet().set_debuglevel",
    "exchangelib": "Account Account().** !**.close",
    "O365": """
        Account().authenticate Account().connection.* Account().mailbox().**
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "msal": """
        ConfidentialClientApplication().acquire_token_for_client
        ConfidentialClientApplication().acquire_token_silent
        ConfidentialClientApplication().acquire_token_on_behalf_of
        PublicClientApplication().acquire_token_by_username_password
        PublicClientApplication().acquire_token_interactive
        PublicClientApplication().acquire_token_silent
        PublicClientApplication().acquire_token_by_device_flow
        PublicClientApplication().initiate_device_flow
        ConfidentialClientApplication PublicClientApplication
    """,
    "adal": "AuthenticationContext().*",
    "office365": "**.execute_query **.execute_query_retry **.authenticate_request",
    "shareplum": "Office365 Office365().GetCookies Site Site().*",
    "sharepy": "connect connect().*",
    "paramiko": """
        SSHClient().connect SSHClient().exec_command SSHClient().open_sftp
        SSHClient().invoke_shell SSHClient().open_sftp().* client.SSHClient().connect
        client.SSHClient().exec_command client.SSHClient().open_sftp
        client.SSHClient().open_sftp().* Transport Transport().connect Transport().open_session
        Transport().start_client Transport().auth_password Transport().auth_publickey
        SFTPClient.from_transport SFTPClient.from_transport().* SFTPClient().* ProxyCommand
        !**.close
    """,
    "pysftp": "Connection Connection().* !Connection().close",
    "fabric": """
        Connection().run Connection().sudo Connection().local Connection().put Connection().get
        Connection().open Connection().sftp Connection().forward_local
        SerialGroup().run ThreadingGroup().run SerialGroup().put ThreadingGroup().put
        api.run api.sudo api.local api.put api.get api.execute
    """,
    "asyncssh": "connect listen connect().* run_client scp",
    "sshtunnel": """
        open_tunnel SSHTunnelForwarder().start SSHTunnelForwarder().check_tunnels
        open_tunnel().start
    """,
    "netmiko": "ConnectHandler ConnectHandler().*",
    "smbclient": """
        register_session listdir scandir open_file mkdir makedirs remove rename rmdir walk stat
        shutil.copy shutil.copyfile shutil.rmtree path.exists path.isfile path.isdir
    """,
    "smb": """
        SMBConnection.SMBConnection().connect SMBConnection.SMBConnection().listPath
        SMBConnection.SMBConnection().listShares SMBConnection.SMBConnection().retrieveFile
        SMBConnection.SMBConnection().storeFile SMBConnection.SMBConnection().deleteFiles
        SMBConnection.SMBConnection().createDirectory
    """,
    "hdfs": """
        InsecureClient().* Client().* TokenClient().* client.InsecureClient().*
        client.Client().* ext.kerberos.KerberosClient().* Config().get_client().*
        !**.resolve !**.set_root
    """,
    "pywebhdfs": "webhdfs.PyWebHdfsClient().*",
    "snakebite": "client.Client().* client.AutoConfigClient().*",
    "webdav3": "client.Client().*",
    "ldap": "initialize().*",
    "ldap3": "Connection Connection().* !Connection().unbind",
    "dns": """
        resolver.query resolver.resolve resolver.resolve_address resolver.zone_for_name
        resolver.Resolver().query resolver.Resolver().resolve asyncresolver.resolve
        query.udp query.tcp query.https query.tls zone.from_xfr
    """,
    "ipwhois": "IPWhois().lookup_rdap IPWhois().lookup_whois",
    "ping3": "ping verbose_ping",
    "speedtest": "Speedtest Speedtest().*",
    "ntplib": "NTPClient().request",
    "pyzabbix": "ZabbixAPI ZabbixAPI().** !**.*().**.*().** !**.*().**.*()[].**",
    "pysnmp": "hlapi.**",
    "paho": """
        mqtt.client.Client().connect mqtt.client.Client().publish mqtt.client.Client().subscribe
        mqtt.client.Client().loop_forever mqtt.client.Client().loop_start
        mqtt.client.Client().connect_async mqtt.publish.single mqtt.publish.multiple
        mqtt.subscribe.simple
    """,
    "stomp": "Connection().connect Connection().send Connection().subscribe",
    "zmq": """
        Context().socket().connect Context().socket().bind Context().socket().send
        Context().socket().recv Context().socket().send_string Context().socket().recv_string
        Context.instance().socket().connect Context.instance().socket().bind
    """,
    # brokers
    "kafka": """
        **.KafkaProducer **.KafkaConsumer **.KafkaAdminClient **.KafkaClient
        **.KafkaProducer().* **.KafkaConsumer().* **.KafkaAdminClient().* **.KafkaClient().*
        **.SimpleClient **.SimpleProducer !**.close !**.metrics
    """,
    "confluent_kafka": """
        **.Producer **.Consumer **.SerializingProducer **.DeserializingConsumer **.AdminClient
        **.AvroProducer **.AvroConsumer
        **.Producer().* **.Consumer().* **.SerializingProducer().* **.DeserializingConsumer().*
        **.AdminClient().* **.AvroProducer().* **.AvroConsumer().* **.SchemaRegistryClient().*
        **.CachedSchemaRegistryClient().* !**.close
    """,
    "aiokafka": "**.AIOKafkaProducer().* **.AIOKafkaConsumer().* **.AIOKafkaAdminClient().*",
    "pykafka": "KafkaClient KafkaClient().**",
    "pika": """
        **.BlockingConnection **.SelectConnection **.BlockingConnection().channel
        **.BlockingConnection().channel().* !**.close
    """,
    "aio_pika": """
        connect connect_robust connect().** connect_robust().**
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "kombu": """
        Connection().connect Connection().ensure_connection Connection().SimpleQueue
        Connection().Producer().publish Connection().drain_events Producer().publish
    """,
    "amqp": "Connection().connect Connection().channel",
    "nats": "connect connect().*",
    "pulsar": "Client().create_producer Client().subscribe Client().create_producer().send",
    "celery": """
        **.Celery().send_task **.Celery().control.** **.Celery().connection().*
        **.Celery().task().delay **.Celery().task().apply_async **.Celery().start
        **.Celery().worker_main execute.send_task current_app.send_task current_app.control.**
        **.AsyncResult().get **.AsyncResult().ready **.AsyncResult().wait
        **.signature().delay **.signature().apply_async **.group().delay **.group().apply_async
        **.chain().delay **.chain().apply_async **.chord().delay **.chord().apply_async
    """,
    "rq": """
        Queue().enqueue Queue().enqueue_call Queue().enqueue_at Queue().enqueue_in Worker().work
    """,
    "dramatiq": "actor().send actor().send_with_options",
    # search engines, containers, service discovery
    "elasticsearch": """
        **.Elasticsearch().** **.AsyncElasticsearch().** helpers.bulk helpers.scan
        helpers.streaming_bulk helpers.parallel_bulk helpers.reindex helpers.async_bulk
        helpers.async_scan !**.Elasticsearch().close !**.Elasticsearch().options
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "elasticsearch_dsl": """
        connections.connections.create_connection connections.create_connection
        **.Search().execute **.Search().count **.Search().scan **.Search().delete
        **.Search().**.execute **.Search().**.scan **.Search().**.count
        **.Index().create **.Index().delete **.Index().exists **.Index().refresh **.Index().save
        **.Document.init **.Document.get **.Document().save **.Document().delete
    """,
    "opensearchpy": """
        **.OpenSearch().** **.AsyncOpenSearch().** helpers.bulk helpers.scan
        helpers.streaming_bulk helpers.parallel_bulk helpers.reindex
        !**.OpenSearch().close
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "pysolr": "Solr().*",
    "meilisearch": "Client().** !Client().index !**.*().**.*().** !**.*().**.*()[].**",
    "typesense": "Client().** !**.*().**.*().** !**.*().**.*()[].**",
    "algoliasearch": """
        search_client.SearchClient.create().** search.client.SearchClientSync().*
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "kubernetes": """
        config.load_config config.load_incluster_config config.load_kube_config
        config.load_kube_config_from_dict config.list_kube_config_contexts
        config.new_client_from_config config.incluster_config.load_incluster_config
        config.kube_config.load_kube_config
        client.*Api().* client.**.*Api().*
        client.ApiClient().call_api utils.create_from_yaml utils.create_from_dict
        utils.create_from_directory
        stream.stream stream.portforward watch.Watch().stream dynamic.DynamicClient
        dynamic.DynamicClient().**
    """,
    "kubernetes_asyncio": """
        config.load_config config.load_incluster_config config.load_kube_config client.*Api().*
        watch.Watch().stream
    """,
    "openshift": """
        dynamic.DynamicClient dynamic.DynamicClient().**
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "pykube": "KubeConfig.from_file KubeConfig.from_service_account KubeConfig.from_env HTTPClient",
    "docker": """
        from_env DockerClient APIClient client.from_env
        from_env().** DockerClient().** APIClient().* client.from_env().** client.DockerClient
        client.DockerClient().** DockerClient.from_env DockerClient.from_env().** !**.close
    """,
    "podman": "PodmanClient PodmanClient().**",
    "hvac": "Client().** !Client().adapter.** !**.*().**.*().** !**.*().**.*()[].**",
    "consul": "Consul().** aio.Consul().** !**.*().**.*().** !**.*().**.*()[].**",
    "etcd3": "client client().* Etcd3Client().*",
    "kazoo": "client.KazooClient().start client.KazooClient().*",
    "nacos": "NacosClient().*",
    "onepasswordconnectsdk": """
        client.new_client client.new_client_from_environment client.new_client().*
        client.new_client_from_environment().* load load_dict
    """,
    "infisical_client": "InfisicalClient().*",
    "keyring": "get_password set_password get_credential delete_password",
    # services
    "slack_sdk": """
        **.WebClient().* **.AsyncWebClient().* **.WebhookClient().send
        **.WebhookClient().send_dict **.AsyncWebhookClient().send **.RTMClient().start
        **.SocketModeClient().connect **.SocketModeClient().send_socket_mode_response
    """,
    "slack": "**.WebClient().* **.WebhookClient().send **.RTMClient().start",
    "slackclient": "SlackClient().*",
    "slacker": "Slacker().**",
    "slackweb": "Slack().notify",
    "slack_webhook": "Slack().post",
    "slack_bolt": "**.App().start **.App().client.* **.SocketModeHandler().start",
    "discord": """
        Client().run Client().start Bot().run ext.commands.Bot().run Webhook().send
        Webhook.from_url().send SyncWebhook.from_url().send
    """,
    "discord_webhook": "DiscordWebhook().execute",
    "discordwebhook": "Discord().post",
    "telegram": "Bot().* ext.Application().run_polling ext.Updater().start_polling",
    "telebot": "TeleBot().send_message TeleBot().polling TeleBot().infinity_polling TeleBot().*",
    "telethon": "TelegramClient().* sync.TelegramClient().*",
    "pyrogram": "Client().*",
    "pymsteams": "connectorcard().send async_connectorcard().send",
    "linebot": "LineBotApi().* v3.messaging.MessagingApi().*",
    "twilio": "rest.Client().**",
    "sendgrid": "SendGridAPIClient().send SendGridAPIClient().client.** SendGridClient().send",
    "mailchimp_marketing": "Client().** !**.*().**.*().** !**.*().**.*()[].**",
    "mailjet_rest": "Client().** !**.*().**.*().** !**.*().**.*()[].**",
    "postmarker": "core.PostmarkClient().** !**.*().**.*().** !**.*().**.*()[].**",
    "pdpyras": "APISession().* EventsAPISession().* ChangeEventsAPISession().*",
    "pagerduty": "RestApiV2Client().* EventsApiV2Client().*",
    "opsgenie_sdk": "AlertApi().*",
    "pushbullet": "Pushbullet Pushbullet().*",
    "apprise": "Apprise().notify",
    "tweepy": """
        **.API().* **.Client().* **.OAuthHandler().get_authorization_url
        **.OAuthHandler().get_access_token **.Cursor().items **.Cursor().pages
        **.Stream().filter **.Stream().sample **.StreamingClient().*
        **.Paginator().flatten
    """,
    "snscrape": "modules.**.get_items",
    "praw": """
        Reddit().subreddit().* Reddit().subreddit().*.* Reddit().redditor().**
        Reddit().submission().** Reddit().user.* Reddit().front.*
    """,
    "asyncpraw": "Reddit().**",
    "psaw": "PushshiftAPI PushshiftAPI().*",
    "pmaw": "PushshiftAPI().*",
    "instagrapi": "Client().*",
    "instaloader": "Instaloader().* Profile.from_username Post.from_shortcode",
    "instagram_private_api": "Client Client().*",
    "facebook_business": """
        api.FacebookAdsApi().call **.AdAccount().api_get
        **.api_get **.api_create **.api_update **.api_delete
        **.get_insights **.get_campaigns **.get_ads **.get_ad_sets **.get_leads
        **.get_insights_async **.remote_read **.remote_create
    """,
    "linkedin_api": "Linkedin Linkedin().*",
    "spotipy": """
        **.Spotify().* **.SpotifyClientCredentials().get_access_token
        **.SpotifyOAuth().get_access_token **.SpotifyOAuth().refresh_access_token
        **.prompt_for_user_token
    """,
    "lyricsgenius": "Genius().*",
    "pytube": "YouTube().** Playlist().** Channel().** !**.*().**.*().** !**.*().**.*()[].**",
    "youtube_dl": "YoutubeDL().download YoutubeDL().extract_info",
    "yt_dlp": "YoutubeDL().download YoutubeDL().extract_info",
    "youtube_transcript_api": """
        YouTubeTranscriptApi.get_transcript YouTubeTranscriptApi.list_transcripts
        YouTubeTranscriptApi().fetch YouTubeTranscriptApi().list
    """,
    "pyyoutube": "Api().*",
    "twitchAPI": "twitch.Twitch().*",
    "riotwatcher": "LolWatcher().** RiotWatcher().** !**.*().**.*().** !**.*().**.*()[].**",
    "wikipedia": "page search summary suggest geosearch random",
    "wikipediaapi": "Wikipedia().page().*",
    "newsapi": "**.NewsApiClient().*",
    "gnews": "GNews().*",
    "GoogleNews": "GoogleNews().*",
    "pytrends": "request.TrendReq request.TrendReq().*",
    "serpapi": "GoogleSearch().get_dict GoogleSearch().get_json search",
    "gspread_dataframe": "get_as_dataframe set_with_dataframe",
    "gspread_pandas": "Spread Spread().* Client Client().*",
    "df2gspread": "df2gspread.upload gspread2df.download",
    "ezsheets": "Spreadsheet upload listSpreadsheets",
    "googleapiclient": """
        discovery.build discovery.build_from_document **.execute http.*.next_chunk
        http.MediaIoBaseDownload().next_chunk http.BatchHttpRequest().execute
    """,
    "apiclient": "discovery.build **.execute http.MediaIoBaseDownload().next_chunk",
    "oauth2client": """
        client.GoogleCredentials.get_application_default **.authorize().request
        **.get_access_token **.refresh tools.run_flow tools.run
        client.OAuth2WebServerFlow().step2_exchange **.OAuth2WebServerFlow().step2_exchange
    """,
    "google_auth_oauthlib": """
        flow.InstalledAppFlow.from_client_secrets_file().run_local_server
        flow.InstalledAppFlow.from_client_secrets_file().run_console **.run_local_server
        **.run_console **.fetch_token get_user_credentials
    """,
    "google.auth": """
        default load_credentials_from_file().refresh **.refresh
        transport.requests.AuthorizedSession().* transport.requests.Request()
        compute_engine.Credentials().refresh
        !transport.requests.AuthorizedSession().close !transport.requests.AuthorizedSession().mount
    """,
    "google.oauth2": "**.refresh id_token.fetch_id_token id_token.verify_oauth2_token",
    "pydrive": """
        auth.GoogleAuth().LocalWebserverAuth auth.GoogleAuth().CommandLineAuth
        auth.GoogleAuth().ServiceAuth auth.GoogleAuth().Authorize
        auth.GoogleAuth().Refresh drive.GoogleDrive().**
    """,
    "pydrive2": """
        auth.GoogleAuth().LocalWebserverAuth auth.GoogleAuth().CommandLineAuth
        auth.GoogleAuth().ServiceAuth auth.GoogleAuth().Authorize
        auth.GoogleAuth().Refresh drive.GoogleDrive().**
    """,
    "googlemaps": "Client().*",
    "google_play_scraper": "app reviews reviews_all search permissions",
    "app_store_scraper": "AppStore().review",
    "googleads": "ad_manager.AdManagerClient.** adwords.AdWordsClient.** **.GetService().*",
    "dropbox": """
        **.Dropbox().* **.DropboxTeam().* **.DropboxOAuth2Flow().finish
        **.DropboxOAuth2FlowNoRedirect().finish !**.close
    """,
    "boxsdk": "Client().** JWTAuth().authenticate_instance JWTAuth.from_settings_file",
    "notion_client": "Client().** AsyncClient().** !**.*().**.*().** !**.*().**.*()[].**",
    "airtable": "Airtable().*",
    "pyairtable": "Table().* Api().** Base().** !**.table !**.base",
    "jira": "**.JIRA **.JIRA().*",
    "atlassian": "Confluence().* Jira().* Bitbucket().* Bamboo().* ServiceDesk().*",
    "asana": "Client.access_token().** *Api().*",
    "zenpy": "Zenpy Zenpy().** !**.*().**.*().** !**.*().**.*()[].**",
    "hubspot": "HubSpot().** Client.create().** !**.*().**.*().** !**.*().**.*()[].**",
    "github": """
        **.Github().* **.Github().*.* **.Github().get_repo().**
        **.Github().get_organization().** **.Github().get_user().**
        **.GithubIntegration().* !**.close
    """,
    "github3": "login GitHub().* login().**",
    "ghapi": "all.GhApi all.GhApi().** !**.*().**.*().** !**.*().**.*()[].**",
    "gitlab": "**.Gitlab().auth **.Gitlab().*.** **.Gitlab.from_config().**",
    "jenkins": "Jenkins().*",
    "jenkinsapi": "jenkins.Jenkins jenkins.Jenkins().**",
    "sonarqube": "SonarQubeClient().** !**.*().**.*().** !**.*().**.*()[].**",
    "datadog": "api.*.* statsd.* api.Event.create api.Metric.send DogStatsd().*",
    "datadog_api_client": "v1.api.**.*Api().* v2.api.**.*Api().*",
    "newrelic": "agent.initialize agent.register_application",
    "statsd": "StatsClient().*",
    "prometheus_client": """
        push_to_gateway pushadd_to_gateway delete_from_gateway start_http_server
        start_wsgi_server exposition.push_to_gateway
    """,
    "prometheus_api_client": "PrometheusConnect().*",
    "graphyte": "send init",
    "pygelf": "GelfTcpHandler GelfHttpHandler",
    "logging": "handlers.SocketHandler().makeSocket handlers.SMTPHandler().emit",
    "sentry_sdk": "capture_message capture_exception capture_event flush",
    "bugsnag": "notify",
    "rollbar": "report_message report_exc_info",
    "mixpanel": "Mixpanel().*",
    "amplitude": "Amplitude().*",
    "braintree": "**.Transaction.* BraintreeGateway().** !**.*().**.*().** !**.*().**.*()[].**",
    "stripe": """
        *.create *.retrieve *.list *.modify *.delete *.search *.auto_paging_iter *.cancel
        *.list().* *.*.create *.*.retrieve *.*.list StripeClient().**
        !Webhook.construct_event
    """,
    "paypalrestsdk": "*.find *.all *.create Payment().create Payment().execute",
    "shopify": """
        *.find *.find_first *.count *.create GraphQL().execute ShopifyResource.activate_session
    """,
    "woocommerce": "API().*",
    "plaid": "api.plaid_api.PlaidApi().*",
    "xero": "Xero().** !**.*().**.*().** !**.*().**.*()[].**",
    "quickbooks": "QuickBooks",
    "simple_salesforce": """
        **.Salesforce **.Salesforce().** **.SalesforceLogin **.SFType().*
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "salesforce_bulk": "SalesforceBulk SalesforceBulk().*",
    "salesforce_api": "Salesforce Salesforce().** !**.*().**.*().** !**.*().**.*()[].**",
    "salesforce_bulkipy": "SalesforceBulkipy SalesforceBulkipy().*",
    "pysnow": "Client().resource().*",
    "netsuitesdk": """
        NetSuiteConnection NetSuiteConnection().**
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "odoorpc": "ODOO ODOO().** !**.*().**.*().** !**.*().**.*()[].**",
    "erppeek": "Client Client().*",
    "pyodata": "Client Client().** !**.*().**.*().** !**.*().**.*()[].**",
    "pyrfc": "Connection Connection().call",
    "tableauserverclient": "Server().*.* Server().auth.* Server().use_server_version",
    "tableau_api_lib": "TableauServerConnection().*",
    "looker_sdk": "init31 init40 init31().* init40().*",
    "superset_api_client": """
        SupersetClient SupersetClient().**
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "metabase_api": "Metabase_API Metabase_API().*",
    "redash_toolbelt": "Redash().*",
    "airbyte_api": "AirbyteAPI().** !**.*().**.*().** !**.*().**.*()[].**",
    "fivetran_provider": "hooks.fivetran.FivetranHook().*",
    "qds_sdk": "**.create **.run **.find **.show **.get_results **.list",
    "prefect": "**.get_client().* deployments.run_deployment",
    "airflow_client": "client.api.*.*Api().* client.**.*Api().*",
    "airflow": """
        **.send_email **.send_email_smtp **.send_mime_email
        **.ObjectStoragePath().**.exists **.ObjectStoragePath().**.is_file
        **.ObjectStoragePath().**.is_dir **.ObjectStoragePath().**.iterdir
        **.ObjectStoragePath().**.glob **.ObjectStoragePath().**.rglob
        **.ObjectStoragePath().**.walk **.ObjectStoragePath().**.open
        **.ObjectStoragePath().**.read_text **.ObjectStoragePath().**.read_bytes
        **.ObjectStoragePath().**.read_block **.ObjectStoragePath().**.write_text
        **.ObjectStoragePath().**.write_bytes **.ObjectStoragePath().**.mkdir
        **.ObjectStoragePath().**.touch **.ObjectStoragePath().**.unlink
        **.ObjectStoragePath().**.rmdir **.ObjectStoragePath().**.rename
        **.ObjectStoragePath().**.replace **.ObjectStoragePath().**.copy
        **.ObjectStoragePath().**.move **.ObjectStoragePath().**.stat
        **.ObjectStoragePath().**.checksum **.ObjectStoragePath().**.size
        **.ObjectStoragePath().**.ukey **.ObjectStoragePath().**.sign
        **.kube_client.get_kube_client **.get_kube_client().*
        **.get_credentials_and_project_id
    """,
    "folioclient": "FolioClient FolioClient().*",
    "openlineage": "client.OpenLineageClient().emit client.**.OpenLineageClient().emit",
    "datahub": """
        **.DatahubRestEmitter().emit
        **.DatahubRestEmitter().emit_mcp **.DatahubRestEmitter().test_connection
        **.DataHubGraph **.DataHubGraph().*
    """,
    "ckanapi": "RemoteCKAN().** RemoteCKAN().action.* !**.*().**.*().** !**.*().**.*()[].**",
    "sodapy": "Socrata().*",
    "swiftclient": "Connection().* client.Connection().* service.SwiftService().*",
    "keystoneauth1": "session.Session().get session.Session().request",
    "keystoneclient": "**.Client **.Client().** !**.*().**.*().** !**.*().**.*()[].**",
    "arcgis": "**.GIS **.GIS().** **.FeatureLayer().* **.FeatureSet.from_dict",
    "geopy": """
        geocoders.*().geocode geocoders.*().reverse geocoders.**.geocode geocoders.**.reverse
        extra.rate_limiter.RateLimiter()
    """,
    "geocoder": "google osm arcgis ip bing mapbox here",
    "osmnx": "**.graph_from_place **.graph_from_bbox **.graph_from_point **.geocode_to_gdf",
    "owslib": "wms.WebMapService wfs.WebFeatureService csw.CatalogueServiceWeb",
    "overpy": "Overpass().query",
    "sentinelhub": """
        SHConfig().** SentinelHubRequest().get_data
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "sentinelsat": "SentinelAPI SentinelAPI().*",
    "pystac_client": "Client.open Client.open().*",
    "ee": "Initialize Authenticate batch.Export.** **.getInfo",
    "cdsapi": "Client().retrieve",
    "meteostat": """
        Hourly().fetch Daily().fetch Stations().fetch Stations().**.fetch Monthly().fetch
    """,
    "pyowm": "OWM().** !**.*().**.*().** !**.*().**.*()[].**",
    "fastf1": """
        get_session get_event get_event_schedule get_session().load
        events.get_event_schedule events.get_session
    """,
    # markets
    "yfinance": """
        download Ticker().** Tickers().** Search Sector Industry
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "yahoofinancials": "YahooFinancials().*",
    "yahooquery": "Ticker().* search",
    "pandas_datareader": """
        data.DataReader DataReader data.get_data_yahoo get_data_yahoo get_data_fred
        data.get_data_fred wb.download
    """,
    "alpha_vantage": "**.*().*",
    "quandl": "get get_table",
    "nasdaqdatalink": "get get_table",
    "investpy": """
        search_quotes get_stock_recent_data get_etf_historical_data get_index_historical_data
        get_stock_historical_data
    """,
    "tushare": "pro_api().* get_hist_data pro_bar",
    "akshare": "*",
    "baostock": "login query_history_k_data_plus query_all_stock query_trade_dates",
    "fredapi": "Fred().*",
    "wbgapi": "data.DataFrame data.fetch",
    "wbdata": "get_dataframe get_data",
    "finnhub": "Client().*",
    "alpaca_trade_api": "REST().*",
    "binance": "**.Client **.Client().*",
    "ccxt": "*().* !*().set_sandbox_mode",
    "coinbase": "wallet.client.Client().* rest.RESTClient().*",
    "pycoingecko": "CoinGeckoAPI().*",
    "cryptocompare": "get_price get_historical_price get_historical_price_day",
    "krakenex": "API().*",
    "web3": "Web3().eth.** Web3().is_connected Web3().isConnected Web3().provider.make_request",
    "forex_python": "converter.CurrencyRates().*",
    "currency_converter": "CurrencyConverter",
    "vnstock": "*",
    "FinanceDataReader": "DataReader StockListing",
    "pykrx": "stock.*",
    # models behind an API, hubs
    "openai": """
        *.create *.list *.retrieve chat.completions.create chat.completions.parse
        OpenAI().** AzureOpenAI().** AsyncOpenAI().** AsyncAzureOpenAI().**
        !**.close !**.with_options
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "anthropic": """
        Anthropic().** AsyncAnthropic().** AnthropicBedrock().** AnthropicVertex().** Client().**
        !**.close !**.with_options
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "cohere": "Client().* ClientV2().*",
    "mistralai": "**.Mistral().** **.MistralClient().* !**.*().**.*().** !**.*().**.*()[].**",
    "groq": "Groq().** AsyncGroq().** !**.*().**.*().** !**.*().**.*()[].**",
    "ollama": "chat generate embeddings embed pull list show Client().*",
    "replicate": "run predictions.* models.* Client().** !**.*().**.*().** !**.*().**.*()[].**",
    "litellm": "completion embedding acompletion",
    "google.generativeai": """
        GenerativeModel().generate_content GenerativeModel().count_tokens list_models embed_content
        GenerativeModel().start_chat().send_message upload_file get_model
    """,
    "google.genai": "Client().** !**.*().**.*().** !**.*().**.*()[].**",
    "voyageai": "Client().*",
    "tiktoken": "get_encoding encoding_for_model",
    "langchain": """
        hub.pull hub.push **.*().invoke **.*().run **.*().predict **.*().batch
        **.*().load **.*().from_documents **.*.from_documents **.*.from_texts
    """,
    "langchain_openai": "*().invoke *().batch *().stream *().embed_documents *().embed_query",
    "langchain_community": """
        **.*.from_documents **.*.from_texts document_loaders.*().load
        document_loaders.*().load_and_split **.*().invoke
    """,
    "langsmith": "Client().*",
    "langfuse": "Langfuse().*",
    "llama_index": "**.load_data **.from_documents **.as_query_engine().query",
    "huggingface_hub": """
        hf_hub_download snapshot_download login notebook_login create_repo upload_file
        upload_folder delete_repo list_models list_datasets list_repo_files model_info
        dataset_info whoami HfApi().* InferenceClient().* Repository Repository().*
        HfFileSystem().* cached_download list_spaces repo_exists file_exists
        create_commit delete_file get_inference_endpoint
    """,
    "datasets": """
        load_dataset load_dataset_builder list_datasets load_metric get_dataset_config_names
        get_dataset_split_names get_dataset_infos inspect_dataset
        load_dataset_builder().download_and_prepare **.push_to_hub
    """,
    "transformers": "**.push_to_hub utils.cached_file",
    "nltk": "download downloader.download ",
    "stanza": "download",
    "sklearn": """
        **.fetch_20newsgroups **.fetch_20newsgroups_vectorized **.fetch_california_housing
        **.fetch_covtype **.fetch_kddcup99 **.fetch_lfw_pairs **.fetch_lfw_people
        **.fetch_olivetti_faces **.fetch_openml **.fetch_rcv1 **.fetch_species_distributions
        **.fetch_file
    """,
    "ucimlrepo": "fetch_ucirepo list_available_datasets",
    "openml": "datasets.get_dataset datasets.list_datasets tasks.get_task runs.* flows.get_flow",
    "tensorflow_datasets": "load builder().download_and_prepare",
    "torchvision": "datasets.*",
    "torchaudio": "datasets.*",
    "keras": "datasets.*.load_data utils.get_file",
    "tensorflow": "keras.datasets.*.load_data keras.utils.get_file",
    "vega_datasets": "data.* data()",
    "seaborn": "load_dataset get_dataset_names",
    "statsmodels": "**.get_rdataset",
    "palmerpenguins": "load_penguins_raw",
    "kaggle": "api.* api.authenticate KaggleApi().* api.kaggle_api_extended.KaggleApi().*",
    "kagglehub": "dataset_download model_download competition_download login dataset_load",
    "opendatasets": "download",
    "wandb": """
        init login log save finish restore sweep agent watch alert log_artifact use_artifact
        link_artifact log_model link_model use_model init().* Api Api().** run.* Artifact().download
        !init().config.**
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "neptune": """
        init init_run init_project init_model init_run().** create_experiment log_metric
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "comet_ml": "init start login Experiment Experiment().* OfflineExperiment API API().*",
    "clearml": "Task.init Task.get_task Task.init().* Dataset.get Dataset.create Model",
    "dagshub": "init auth.add_app_token auth.get_token upload_files get_repo_bucket_client",
    "dvclive": "Live().log_metric Live().end Live().next_step",
    "dvc": "api.open api.read api.get_url repo.Repo().*",
    "bentoml": "**.push **.pull client.Client.from_url SyncHTTPClient().*",
    "kserve": "KServeClient().*",
    "tritonclient": "**.InferenceServerClient().*",
    "feast": """
        FeatureStore().apply FeatureStore().materialize FeatureStore().materialize_incremental
        FeatureStore().get_online_features FeatureStore().get_historical_features
        FeatureStore().push FeatureStore().get_feature_view FeatureStore().list_feature_views
        FeatureStore().write_to_online_store FeatureStore().get_feature_service
    """,
    "hopsworks": "login login().**",
    "kfp": "Client Client().* client.Client client.Client().* dsl.RegistryClient",
    "zenml": "client.Client client.Client().*",
    "sagemaker": """
        Session get_execution_role session.Session Session().* session.Session().*
        image_uris.retrieve **.fit **.deploy **.transform **.tune **.upsert **.*().start
        **.*().create **.*().update **.*().describe **.*().predict **.*().register
        s3.S3Downloader.* s3.S3Uploader.*
        !Session().boto_region_name
    """,
    "selenium": """
        webdriver.Chrome webdriver.Firefox webdriver.Edge webdriver.Safari webdriver.Remote
        webdriver.Ie webdriver.PhantomJS webdriver.Chrome().* webdriver.Firefox().*
        webdriver.Remote().* webdriver.Edge().* webdriver.support.ui.WebDriverWait().until
    """,
    "webdriver_manager": "**.install",
    "chromedriver_autoinstaller": "install",
    "undetected_chromedriver": "Chrome Chrome().*",
    "splinter": "Browser Browser().*",
    "playwright": """
        sync_api.sync_playwright().start sync_api.sync_playwright().*.launch
        sync_api.sync_playwright().** async_api.async_playwright().**
    """,
    "pyppeteer": "launch connect",
    "sparkmagic": "livyclientlib.**",
    "jupyter_client": "manager.start_new_kernel",
    "great_expectations": """
        **.checkpoint.run **.run_checkpoint **.run_validation_operator **.Checkpoint().run
        get_context().checkpoints.get().run get_context().run_checkpoint
    """,
    "gspread": """
        authorize service_account service_account_from_dict oauth oauth_from_dict login
        authorize().* service_account().* service_account_from_dict().* oauth().*
        oauth_from_dict().* api_key().* login().* Client().* client.Client().* **.open().*
        **.open_by_key().* **.open_by_url().* **.create().* **.worksheet().* **.get_worksheet().*
        **.get_worksheet_by_id().* **.add_worksheet().* **.sheet1.* **.worksheets()[].*
        **.duplicate_sheet().*
    """,
    "pygsheets": """
        authorize authorize().* client.Client().* **.open().* **.open_by_key().* **.open_by_url().*
        **.open_by_key()[].* **.open()[].* **.worksheet_by_title().* **.worksheet().*
        **.add_worksheet().* **.sheet1.* **.worksheets()[].* **.create().*
    """,
    "authlib": """
        integrations.requests_client.OAuth2Session().*
        integrations.requests_client.OAuth1Session().*
        integrations.httpx_client.AsyncOAuth2Client().* !**.close !**.create_authorization_url
    """,
    "heroku3": "from_key from_key().**",
    "bert_serving": "client.BertClient client.BertClient().*",
    "hmsclient": "HMSClient().*",
    "fs_s3fs": "S3FS().*",
    "instapy": "InstaPy InstaPy().*",
    "pandas": "read_gbq **.to_gbq",
}
