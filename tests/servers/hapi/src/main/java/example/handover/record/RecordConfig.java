package example.handover.record;

import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.jpa.api.IDaoRegistry;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.binary.api.IBinaryStorageSvc;
import ca.uhn.fhir.jpa.binstore.DatabaseBinaryContentStorageSvcImpl;
import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.config.util.ResourceCountCacheUtil;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.model.dialect.HapiFhirH2Dialect;
import ca.uhn.fhir.jpa.model.dialect.HapiFhirPostgresDialect;
import ca.uhn.fhir.jpa.provider.DaoRegistryResourceSupportedSvc;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.jpa.search.IStaleSearchDeletingSvc;
import ca.uhn.fhir.jpa.search.StaleSearchDeletingSvcImpl;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.jpa.subscription.submit.config.SubscriptionSubmitterConfig;
import ca.uhn.fhir.jpa.util.ResourceCountCache;
import ca.uhn.fhir.rest.api.IResourceSupportedSvc;
import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManagerFactory;
import java.util.Properties;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.transaction.annotation.EnableTransactionManagement;

/** The beans that HAPI's JPA server asks its host for: the database, and how it stores. */
@Configuration
@EnableTransactionManagement
@Import({
    JpaR4Config.class,
    JpaBatch2Config.class,
    Batch2JobsConfig.class,
    SubscriptionChannelConfig.class,
    SubscriptionSubmitterConfig.class,
    ThreadPoolFactoryConfig.class,
    WebConfig.class
})
public class RecordConfig {

    @Bean
    public DataSource dataSource(Settings settings) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(settings.text("database.url"));
        pool.setUsername(settings.text("database.user"));
        pool.setPassword(settings.text("database.password"));
        pool.setMaximumPoolSize(settings.number("database.connections"));
        pool.setConnectionTimeout(settings.number("database.wait-ms"));
        return pool;
    }

    @Bean
    @Primary
    public LocalContainerEntityManagerFactoryBean entityManagerFactory(
            DataSource database,
            ConfigurableListableBeanFactory beans,
            FhirContext fhir,
            JpaStorageSettings storage,
            Settings settings) {
        boolean h2 = settings.text("database.url").startsWith("jdbc:h2:");
        Properties jpa = new Properties();
        jpa.put("hibernate.dialect", (h2 ? HapiFhirH2Dialect.class : HapiFhirPostgresDialect.class).getName());
        jpa.put("hibernate.hbm2ddl.auto", settings.text("database.schema"));
        jpa.put("hibernate.search.enabled", "false");
        jpa.put("hibernate.jdbc.batch_size", "50");
        jpa.put("hibernate.order_inserts", "true");
        jpa.put("hibernate.order_updates", "true");
        jpa.put("hibernate.cache.use_query_cache", "false");
        jpa.put("hibernate.cache.use_second_level_cache", "false");
        LocalContainerEntityManagerFactoryBean factory =
                HapiEntityManagerFactoryUtil.newEntityManagerFactory(beans, fhir, storage);
        factory.setPersistenceUnitName("record");
        factory.setDataSource(database);
        factory.setJpaProperties(jpa);
        return factory;
    }

    @Bean
    @Primary
    public JpaTransactionManager transactionManager(EntityManagerFactory factory) {
        return new JpaTransactionManager(factory);
    }

    @Bean
    public JpaStorageSettings storageSettings(Settings settings) {
        JpaStorageSettings storage = new JpaStorageSettings();
        // A queue that shows who was waiting a minute ago is a wrong queue: each search is run anew.
        storage.setReuseCachedSearchResultsForMillis(null);
        storage.setExpireSearchResultsAfterMillis(settings.number("search.pages-kept-minutes") * 60_000L);
        storage.setMaximumIncludesToLoadPerPage(settings.number("search.includes-largest"));
        storage.setFetchSizeDefaultMaximum(settings.number("search.matches-largest"));
        storage.setIndexMissingFields(
                settings.yes("search.missing")
                        ? JpaStorageSettings.IndexEnabledEnum.ENABLED
                        : JpaStorageSettings.IndexEnabledEnum.DISABLED);
        storage.setAllowContainsSearches(settings.yes("search.contains"));
        // Ids may be given by the sender, digits alone included; its own can't be guessed.
        storage.setResourceClientIdStrategy(JpaStorageSettings.ClientIdStrategyEnum.ANY);
        storage.setResourceServerIdStrategy(JpaStorageSettings.IdStrategyEnum.UUID);
        storage.setEnforceReferentialIntegrityOnWrite(settings.yes("references.must-exist"));
        storage.setAutoCreatePlaceholderReferenceTargets(false);
        storage.setAllowExternalReferences(settings.yes("references.elsewhere"));
        storage.setDeleteEnabled(settings.yes("delete.allowed"));
        storage.setAllowMultipleDelete(false);
        storage.setExpungeEnabled(false);
        storage.setDeleteExpungeEnabled(false);
        storage.setResourceDbHistoryEnabled(true);
        storage.setMaximumTransactionBundleSize(settings.number("transaction.entries-largest"));
        storage.setBundleBatchPoolSize(settings.number("batch.threads"));
        storage.setBundleBatchMaxPoolSize(settings.number("batch.threads"));
        return storage;
    }

    @Bean
    public PartitionSettings partitionSettings() {
        return new PartitionSettings();
    }

    @Bean
    public SubscriptionSettings subscriptionSettings() {
        return new SubscriptionSettings();
    }

    @Bean
    public IStaleSearchDeletingSvc staleSearchDeletingSvc() {
        return new StaleSearchDeletingSvcImpl();
    }

    @Bean
    public IBinaryStorageSvc binaryStorageSvc() {
        return new DatabaseBinaryContentStorageSvcImpl();
    }

    @Bean
    public IResourceSupportedSvc resourceSupportedSvc(IDaoRegistry daos) {
        return new DaoRegistryResourceSupportedSvc(daos);
    }

    /** The name is the one that HAPI's CapabilityStatement asks for. */
    @Bean("myResourceCountsCache")
    public ResourceCountCache resourceCountsCache(IFhirSystemDao<?, ?> system) {
        return ResourceCountCacheUtil.newResourceCountCache(system);
    }

    @Bean
    public DatabaseBackedPagingProvider pagingProvider(Settings settings) {
        DatabaseBackedPagingProvider paging = new DatabaseBackedPagingProvider();
        paging.setDefaultPageSize(settings.number("search.page"));
        paging.setMaximumPageSize(settings.number("search.page-largest"));
        return paging;
    }
}
